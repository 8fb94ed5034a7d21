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

Float32 = NDArray[np.float32]
Depth = np.dtype[np.uint8] | np.dtype[np.uint16]

_R, _G, _B = 0.299, 0.587, 0.114
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


def added(crop: Image, change: Planes, share: float = 1.0) -> Image:
    """A crop with so much of a change; the change may be smaller than the crop.

    Returns:
        A new crop of the same shape and type; the very same where nothing changes.
    """
    size = len(crop)
    luma = _sized(change.luma, size)
    chroma = _sized(change.chroma, size)
    steps = np.concatenate([luma[..., None], chroma], axis=-1)
    unit = np.float32(share) / levels(crop.dtype)
    total = crop.astype(np.float32)
    total += cv2.transform(steps, _TO_RGB * unit)
    np.rint(total, out=total)
    np.clip(total, 0, np.iinfo(crop.dtype).max, out=total)
    return total.astype(crop.dtype)


def brighter(apart: Planes, levels_more: float) -> Planes:
    """The same, so many levels brighter."""
    return Planes(apart.luma + np.float32(levels_more), apart.chroma)


def gray(luma: Float32, side: int) -> Float32:
    """(side, side) means of luma over cells; the luma itself where it is no finer."""
    if len(luma) <= side:
        return luma
    return np.asarray(cv2.resize(luma, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def _sized(plane: Float32, size: int) -> Float32:
    if len(plane) == size:
        return plane
    return np.asarray(cv2.resize(plane, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)
