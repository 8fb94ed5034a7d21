"""Crops of faces on their way to the network, and why a face has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes.arrays import Image, Matrix
from vidrestore.datatypes.faces import TrackedFace
from vidrestore.datatypes.frames import Frame


@dataclass(frozen=True, slots=True, eq=False)
class CropBatch:
    """Upright square crops, each of a size W of its own.

    Attributes:
        pixels: N of (W, W, 3) uint8 or uint16 (full 16-bit scale) RGB, all of one type.
        crop_from_frame: (N, 2, 3), maps frame xy to crop xy.
        keys: (frame_index, track_id) of each crop.
    """

    pixels: Sequence[Image]
    crop_from_frame: Matrix
    keys: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        """Check that the parts belong together."""
        count = len(self.keys)
        if len(self.pixels) != count:
            raise ValueError(f"{len(self.pixels)} crops for {count} keys")
        for crop in self.pixels:
            if crop.ndim != 3 or crop.shape[0] != crop.shape[1] or crop.shape[2] != 3:
                raise ValueError(f"a crop of {crop.shape}, expected (W, W, 3)")
        if self.crop_from_frame.shape != (count, 2, 3):
            raise ValueError(f"crop_from_frame {self.crop_from_frame.shape} for {count} keys")

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, slots=True, eq=False)
class Neighbour:
    """A frame near another that shows the same face.

    Attributes:
        offset: frames from the one to it, negative for one before.
        field: (n, n, 2) float32 on a grid over the crop, xy px of that grid: what the one shows at
            (x, y) is at ``(x, y) + field[y, x]`` in its crop.
        weights: (m, m) float32, 0..1, what it counts beside the one.
        brightness: levels of 0..255 by which the one is brighter.
    """

    offset: int
    field: NDArray[np.float32]
    weights: NDArray[np.float32]
    brightness: float


@dataclass(frozen=True, slots=True, eq=False)
class Denoised:
    """Source crops averaged over time.

    Attributes:
        pixels: of each face, of the same shape and dtype as its source crop.
        neighbours: of each face, the frames that it was averaged with.
        amount: factor of all their weights, 0..1.
    """

    pixels: Sequence[Image]
    neighbours: tuple[tuple[Neighbour, ...], ...]
    amount: float

    def __post_init__(self) -> None:
        """Check that the parts belong together."""
        if len(self.pixels) != len(self.neighbours):
            raise ValueError(f"{len(self.pixels)} crops, neighbours of {len(self.neighbours)}")

    def averaged(self, index: int) -> NDArray[np.float32] | None:
        """(m, m) what the neighbours of a face make up of its average, 0..1; None if nothing."""
        near = self.neighbours[index]
        if not near or self.amount == 0:
            return None
        total = np.sum([neighbour.weights for neighbour in near], axis=0) * np.float32(self.amount)
        return np.asarray(total / (1 + total), np.float32)


class Reason(StrEnum):
    """Why a tracked face of a frame was not written; each is what a report calls it."""

    SMALL = "small"
    """Lower than ``align.min_face``."""
    UNSEEN = "unseen"
    """Its track coasts: it was not found where it should be (turned away, covered or gone)."""
    SHARP = "sharp"
    """The source is sharper than what the network makes of it."""
    COVERED = "covered"
    """Something else is before it, nearly everywhere."""
    OUTSIDE = "outside"
    """What would be written lies beyond the frame's edges."""
    MIXED = "mixed"
    """The frame mixes two shots (a dissolve): there is no one face to restore."""
    OFF = "off"
    """``paste.strength`` is 0."""


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A tracked face of one frame whose samples stay the source's."""

    track_id: int
    reason: Reason


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFrame:
    """A frame, the faces that will be restored, and their crops in the same order.

    Attributes:
        frame: the frame.
        shot_start: first frame of a shot.
        faces: that have crops.
        crops: what is to be restored.
        denoised: what the crops are without noise, None where nobody has looked at them over time.
        left: the tracked faces that get no crop.
        original: the crops as the frame holds them; None where ``crops`` are these.
    """

    frame: Frame
    shot_start: bool
    faces: tuple[TrackedFace, ...]
    crops: CropBatch
    denoised: Denoised | None = None
    left: tuple[LeftAlone, ...] = ()
    original: Sequence[Image] | None = None

    @property
    def source(self) -> Sequence[Image]:
        """The crops as the frame holds them: what is pasted is a difference from these."""
        return self.crops.pixels if self.original is None else self.original

    @property
    def base(self) -> Sequence[Image]:
        """The crops that a restorer's change is added to: denoised where they are."""
        return self.crops.pixels if self.denoised is None else self.denoised.pixels
