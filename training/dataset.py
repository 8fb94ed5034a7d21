"""Pairs of a worn crop and its truth; each is a pure function of the seed and its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from training import augment
from training.degradations import SIZE, Severity, degrade, draw_severity, to_crop, to_samples
from training.portraits import CROP, Portrait


class Pair(TypedDict):
    """One sample, or a batch of them with one more leading dimension.

    ``source`` and ``truth`` are (3, 256, 256) uint8 RGB, ``landmarks`` (5, 2) float32 xy px in
    them, ``reduction`` how many pixels of the 512 crop became one.
    """

    source: Tensor
    truth: Tensor
    landmarks: Tensor
    reduction: Tensor


@dataclass(frozen=True, slots=True)
class TrainingPairs(Dataset[Pair]):
    """Portraits, moved, relit and worn.

    Attributes:
        portraits: what to draw from.
        count: number of samples.
        seed: with a sample's number, decides everything about it.
    """

    portraits: list[Portrait]
    count: int
    seed: int

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Pair:
        rng = np.random.default_rng((self.seed, index))
        portrait, other = (self.portraits[i] for i in rng.integers(len(self.portraits), size=2))
        truth, landmarks = augment.crop(portrait, augment.crop_from_picture(rng))
        truth = augment.relight(augment.occlude(truth, other, rng), rng)
        return _pair(truth, landmarks, draw_severity(rng), rng)


LEVELS = {
    "untouched": Severity(1.0, 0.0),
    "mild": Severity(2.0, 0.25),
    "medium": Severity(4.0, 0.5),
    "heavy": Severity(6.5, 0.7),
}


@dataclass(frozen=True, slots=True)
class ValidationPairs(Dataset[Pair]):
    """Every portrait at every level of ``LEVELS``, in the upright crop; always the same."""

    portraits: list[Portrait]
    seed: int = 20_000_003

    def __len__(self) -> int:
        return len(self.portraits) * len(LEVELS)

    def __getitem__(self, index: int) -> Pair:
        if index >= len(self):
            raise IndexError(index)
        rng = np.random.default_rng((self.seed, index))
        upright = np.array([[1.0, 0.0, -128.0], [0.0, 1.0, -128.0]])
        truth, landmarks = augment.crop(self.portraits[index // len(LEVELS)], upright)
        return _pair(truth, landmarks, list(LEVELS.values())[index % len(LEVELS)], rng)


def _pair(
    truth: augment.Picture,
    landmarks: np.ndarray,
    severity: Severity,
    rng: np.random.Generator,
) -> Pair:
    source = to_samples(degrade(truth, severity, rng))
    goal = to_samples(to_crop(truth))
    at_size = (landmarks + 0.5) * (SIZE / CROP) - 0.5
    return {
        "source": torch.from_numpy(source.transpose(2, 0, 1).copy()),
        "truth": torch.from_numpy(goal.transpose(2, 0, 1).copy()),
        "landmarks": torch.from_numpy(at_size.astype(np.float32)),
        "reduction": torch.tensor(severity.reduction, dtype=torch.float32),
    }
