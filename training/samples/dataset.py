"""Pairs of a worn crop and its truth; each is a pure function of the seed and its number."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypedDict

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from training.samples import augment
from training.samples.averaging import averaged
from training.samples.degradations import SIZE, Severity, draw_severity, to_crop, to_samples
from training.samples.faces import Faces
from training.samples.portraits import CROP, Portrait
from training.samples.softening import resolved, soften
from training.samples.turning import turn

CUTS = 3
"""Samples of one truth."""
_LARGE = 0.46 * CROP, 1.05 * CROP
"""Bounds of the pixels across the crop of a large face; the program's crops of 512 begin at 284."""


class _Truth(NamedTuple):
    """A picture, its landmarks, and pixels of the frame across it where the face is large."""

    picture: augment.Picture
    landmarks: np.ndarray
    frame: int | None


class Pair(TypedDict):
    """One sample, or a batch of them with one more leading dimension.

    ``source``, averaged over frames, ``own``, the frame alone, and ``truth`` are (3, S, S) uint8
    RGB, ``landmarks`` (5, 2) float32 xy px in them, ``reduction`` how many pixels of the 512 crop
    became one, ``pixel`` how many of them a pixel of the frame is that shows it.
    """

    source: Tensor
    own: Tensor
    truth: Tensor
    landmarks: Tensor
    reduction: Tensor
    pixel: Tensor


@dataclass(frozen=True, slots=True)
class TrainingPairs(Dataset[Pair]):
    """Portraits with other expressions, turned, relit, worn and averaged over short clips.

    Samples that follow one another share a truth, which takes as long to draw as its wear.

    Attributes:
        portraits: what to draw from.
        count: number of samples.
        seed: with a sample's number, decides everything about it.
        side: S of the pictures.
        softened: part of the truths that are softened, as most cameras and codecs leave them.
        large: part of the truths that a frame shows larger than half of the 512 crop; of those
            nothing is asked that the frame cannot hold.
    """

    portraits: list[Portrait]
    count: int
    seed: int
    side: int = SIZE
    softened: float = 0.0
    large: float = 0.0
    _faces: Faces = field(init=False)
    _last: dict[int, _Truth] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_faces", Faces(self.portraits))

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Pair:
        truth, landmarks, frame = self._truth(index // CUTS)
        rng = np.random.default_rng((self.seed, index, 1))
        severity = replace(draw_severity(rng), frame=frame)
        return _pair(truth, landmarks, severity, self.side, rng)

    def _truth(self, index: int) -> _Truth:
        if index not in self._last:
            rng_of = self.seed, index
            rng = np.random.default_rng((*rng_of, 0))
            number, other = (int(i) for i in rng.integers(len(self.portraits), size=2))
            truth, landmarks = self._faces.draw(number, augment.crop_from_picture(rng), rng)
            truth, landmarks = turn(truth, landmarks, np.random.default_rng((*rng_of, 3)))
            truth = augment.relight(augment.occlude(truth, self.portraits[other], rng), rng)
            draws = np.random.default_rng((*rng_of, 2))
            truth = soften(truth, self.softened, draws)
            frame = int(draws.uniform(*_LARGE)) if draws.random() < self.large else None
            if frame is not None:
                truth = resolved(truth, frame)
            self._last.clear()
            self._last[index] = _Truth(truth, landmarks, frame)
        return self._last[index]


LEVELS = {
    "untouched": Severity(1.0, 0.0),
    "mild": Severity(2.0, 0.25),
    "medium": Severity(4.0, 0.5),
    "heavy": Severity(6.5, 0.7),
}


@dataclass(frozen=True, slots=True)
class ValidationPairs(Dataset[Pair]):
    """Every portrait at every level of ``LEVELS``, in the upright crop; always the same.

    Attributes:
        portraits: what to judge on.
        side: S of the pictures.
        seed: of the wear.
    """

    portraits: list[Portrait]
    side: int = SIZE
    seed: int = 20_000_003

    def __len__(self) -> int:
        return len(self.portraits) * len(LEVELS)

    def __getitem__(self, index: int) -> Pair:
        if index >= len(self):
            raise IndexError(index)
        rng = np.random.default_rng((self.seed, index))
        upright = np.array([[1.0, 0.0, -128.0], [0.0, 1.0, -128.0]])
        truth, landmarks = augment.crop(self.portraits[index // len(LEVELS)], upright)
        severity = list(LEVELS.values())[index % len(LEVELS)]
        return _pair(truth, landmarks, severity, self.side, rng)


def _pair(
    truth: augment.Picture,
    landmarks: np.ndarray,
    severity: Severity,
    side: int,
    rng: np.random.Generator,
) -> Pair:
    worn = averaged(truth, landmarks, severity, rng)
    pictures = worn.picture, worn.own, truth
    source, own, goal = (_tensor(y if side == CROP else to_crop(y, side)) for y in pictures)
    at_size = (landmarks + 0.5) * (side / CROP) - 0.5
    return {
        "source": source,
        "own": own,
        "truth": goal,
        "landmarks": torch.from_numpy(at_size.astype(np.float32)),
        "reduction": torch.tensor(severity.reduction, dtype=torch.float32),
        "pixel": torch.tensor(worn.pixel, dtype=torch.float32),
    }


def _tensor(picture: augment.Picture) -> Tensor:
    return torch.from_numpy(to_samples(picture).transpose(2, 0, 1).copy())
