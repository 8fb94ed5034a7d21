"""A crop as luma and chroma, which are averaged over time each at its own fineness.

Chroma is kept at half the crop's size, as nearly all video has it, so averaging takes half the
work; what a crop holds of chroma that is finer stays as it is.

Convention: crops are (W, W, 3) RGB, uint8 or uint16 (full 16-bit scale); luma is (W, W) float32 in
levels of 0..255, red and blue (W/2, W/2) float32, R - Y and B - Y in the same levels. Y is
BT.601's, the weights nearest to what all formats share. Each is a plane of its own: OpenCV moves
pictures of one channel several times as fast as those of two.
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
# Rows: R - Y, B - Y.
_CHROMA = np.array([[1 - _R, -_G, -_B], [-_R, -_G, 1 - _B]], np.float32)
# Rows: R, G, B, as changes of Y, R - Y and B - Y.
_TO_RGB = np.array([[1, 1, 0], [1, -_R / _G, -_B / _G], [1, 0, 1]], np.float32)


class Planes(NamedTuple):
    """Luma and chroma of a crop, or a difference of such."""

    luma: Float32
    red: Float32
    blue: Float32

    @property
    def size(self) -> int:
        """W, the crop's side."""
        return len(self.luma)

    def part(self, box: Box) -> Planes:
        """What a part of the crop holds, as views."""
        return Planes(self.luma[box], self.red[box.halved], self.blue[box.halved])

    def plus(self, other: Planes) -> Planes:
        """The sum with another of the same size."""
        return Planes(*(one + two for one, two in zip(self, other, strict=True)))


def levels(dtype: Depth) -> np.float32:
    """Levels of 0..255 in a unit of a crop's samples."""
    return np.float32(1.0 if dtype == np.uint8 else 1 / 257)


def planes(crop: Image) -> Planes:
    """A crop taken apart."""
    return _apart(_values(crop))


def difference(crop: Image, other: Image) -> Planes:
    """A crop less another of its shape and type, taken apart."""
    values = np.asarray(cv2.subtract(crop, other, dtype=cv2.CV_32F), np.float32)
    if crop.dtype != np.uint8:
        values *= levels(crop.dtype)
    return _apart(values)


def _values(crop: Image) -> Float32:
    """(W, W, 3) in levels of 0..255."""
    values = crop.astype(np.float32)
    if crop.dtype != np.uint8:
        values *= levels(crop.dtype)
    return values


def _apart(values: Float32) -> Planes:
    """(W, W, 3) float32."""
    half = max(len(values) // 2, 1)
    coarse = cv2.resize(values, (half, half), interpolation=cv2.INTER_AREA)
    red, blue = cv2.split(cv2.transform(coarse, _CHROMA))
    gray = np.asarray(cv2.cvtColor(values, cv2.COLOR_RGB2GRAY), np.float32)
    return Planes(gray, np.asarray(red, np.float32), np.asarray(blue, np.float32))


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
    part = crop[box]
    unit = np.float32(share) / levels(part.dtype)
    # Colour is made of chroma where there is least of it, and enlarged with what luma is as coarse.
    luma, red, blue = change
    fine = luma.shape == part.shape[:2]
    light = np.zeros_like(red) if fine else luma
    colours = cv2.merge([light, _enlarged(red, light.shape), _enlarged(blue, light.shape)])
    steps = _enlarged(np.asarray(cv2.transform(colours, _TO_RGB * unit)), part.shape[:2])
    if fine:
        luma = luma * unit
        steps += np.asarray(cv2.merge([luma, luma, luma]))
    depth = cv2.CV_8U if part.dtype == np.uint8 else cv2.CV_16U
    result[box] = cv2.add(part, steps, dtype=depth)  # it rounds, and ends at black and white
    return result


def gray(luma: Float32, side: int) -> Float32:
    """(side, side) means of luma over cells; the luma itself where it is no finer."""
    if len(luma) <= side:
        return luma
    return np.asarray(cv2.resize(luma, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def _enlarged(plane: Float32, shape: tuple[int, ...]) -> Float32:
    if plane.shape[:2] == shape:
        return plane
    return np.asarray(cv2.resize(plane, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
