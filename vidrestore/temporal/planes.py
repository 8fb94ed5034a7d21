"""A crop as luma and chroma, which are averaged over time each at its own fineness.

Chroma is kept at half the crop's size, as nearly all video has it, so averaging takes half the
work; what a crop holds of chroma that is finer stays as it is.

Convention: crops are (W, W, 3) RGB, uint8 or uint16 (full 16-bit scale); luma is (W, W) float32 in
levels of 0..255, chroma (W/2, W/2, 2) float32, R - Y and B - Y in the same levels. Y is BT.601's,
the weights nearest to what all formats share.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image
from vidrestore.picture.luma import BT601
from vidrestore.picture.outline import Box

Float32 = NDArray[np.float32]
Depth = np.dtype[np.uint8] | np.dtype[np.uint16]

_R, _G, _B = BT601
# Rows: Y, R - Y, B - Y.
_FROM_RGB = np.array([[_R, _G, _B], [1 - _R, -_G, -_B], [-_R, -_G, 1 - _B]], np.float32)
# Rows: R, G, B, as changes of Y, R - Y and B - Y.
_TO_RGB = np.array([[1, 1, 0], [1, -_R / _G, -_B / _G], [1, 0, 1]], np.float32)


class Planes(NamedTuple):
    """Luma and chroma of a crop, or a difference of such."""

    luma: Float32
    chroma: Float32

    @property
    def size(self) -> int:
        """W, the crop's side."""
        return len(self.luma)

    def part(self, box: Box) -> Planes:
        """What a part of the crop holds, as views."""
        return Planes(self.luma[box], self.chroma[box.halved])

    def minus(self, other: Planes) -> Planes:
        """The difference from another of the same size."""
        return Planes(self.luma - other.luma, self.chroma - other.chroma)


def levels(dtype: Depth) -> np.float32:
    """Levels of 0..255 in a unit of a crop's samples."""
    return np.float32(1.0 if dtype == np.uint8 else 1 / 257)


def planes(crop: Image) -> Planes:
    """A crop taken apart."""
    values = cv2.transform(crop.astype(np.float32), _FROM_RGB * levels(crop.dtype))
    half = max(len(crop) // 2, 1)
    chroma = cv2.resize(values[..., 1:], (half, half), interpolation=cv2.INTER_AREA)
    return Planes(np.ascontiguousarray(values[..., 0]), np.asarray(chroma, np.float32))


def added(crop: Image, change: Planes, box: Box, share: float = 1.0) -> Image:
    """A crop with so much of a change.

    Args:
        crop: (W, W, 3).
        change: of a part of the crop, or of one of another size.
        box: the part that changes.
        share: of the change.

    Returns:
        A new crop of the same shape and type.
    """
    result: Image = crop.copy()
    result[box] = _moved(crop[box], change, share)
    return result


def _moved(part: Image, change: Planes, share: float) -> Image:
    luma, chroma = (_sized(plane, part.shape[:2]) for plane in change)
    steps = np.concatenate([luma[..., None], chroma], axis=-1)
    unit = np.float32(share) / levels(part.dtype)
    total = part.astype(np.float32)
    total += cv2.transform(steps, _TO_RGB * unit)
    np.rint(total, out=total)
    np.clip(total, 0, np.iinfo(part.dtype).max, out=total)
    return total.astype(part.dtype)


def gray(luma: Float32, side: int) -> Float32:
    """(side, side) means of luma over cells; the luma itself where it is no finer."""
    if len(luma) <= side:
        return luma
    return np.asarray(cv2.resize(luma, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def _sized(plane: Float32, shape: tuple[int, ...]) -> Float32:
    if plane.shape[:2] == shape:
        return plane
    return np.asarray(cv2.resize(plane, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
