"""What the network made of a frame's faces, until it is written into the frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vidrestore.datatypes.arrays import Image
from vidrestore.datatypes.crops import (
    AlignedFrame,
    LeftAlone,
)
from vidrestore.datatypes.frames import Frame


@dataclass(frozen=True, slots=True, eq=False)
class RestoredFrame:
    """What went into the restorer and what came out.

    Attributes:
        aligned: frame, faces and crops.
        shown: N of (S, S, 3), the bases at the size that the restorer takes.
        pixels: N restored ones, of the same shape and dtype.
    """

    aligned: AlignedFrame
    shown: Sequence[Image]
    pixels: Sequence[Image]

    def __post_init__(self) -> None:
        """A restorer must not change count, size or type."""
        if not len(self.aligned.faces) == len(self.shown) == len(self.pixels):
            raise ValueError(f"{len(self.pixels)} restored of {len(self.shown)} crops")
        for shown, restored in zip(self.shown, self.pixels, strict=True):
            if restored.shape != shown.shape or restored.dtype != shown.dtype:
                raise ValueError(
                    f"restored {restored.shape} {restored.dtype}, shown {shown.shape} {shown.dtype}"
                )


@dataclass(frozen=True, slots=True, eq=False)
class BlendedFrame:
    """The faces as they shall be.

    Attributes:
        aligned: frame, faces and crops.
        pixels: of each face, of the shape and dtype of its source crop.
        shares: of each face, how much of the restorer's change is in it, 0..1.
    """

    aligned: AlignedFrame
    pixels: Sequence[Image]
    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        """Check that the parts belong together."""
        source = self.aligned.crops.pixels
        if not len(source) == len(self.pixels) == len(self.shares):
            raise ValueError(f"{len(self.pixels)} results, {len(self.shares)} shares of them")
        for own, result in zip(source, self.pixels, strict=True):
            if result.shape != own.shape or result.dtype != own.dtype:
                raise ValueError(f"a result {result.shape} of a crop {own.shape}")


@dataclass(frozen=True, slots=True)
class Region:
    """Where a face was written: luma samples x0 <= x < x1, y0 <= y < y1 of one frame.

    ``share`` is how much of the network's result was written there on average, 0..1 (above 0
    wherever a frame lists the region).
    """

    track_id: int
    x0: int
    y0: int
    x1: int
    y1: int
    share: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class PastedFrame:
    """The finished frame; outside ``regions`` its samples are the decoder's own.

    Where flicker or damage of film was taken out of the whole frame (``frame.deflickered``,
    ``frame.repaired``) they are these but for it.

    Each tracked face of the frame is in either ``regions`` or ``left``, both in ascending order of
    track_id.
    """

    frame: Frame
    shot_start: bool
    regions: tuple[Region, ...]
    left: tuple[LeftAlone, ...] = ()
