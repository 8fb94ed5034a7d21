"""A crop taken apart: the slow part of its source, which is light and colour, and the detail on it.

What is blended over time is the detail. So a flicker of the light does not drag, as it would with
plain pixels; and what a restorer took away of a frame's grain does not come back, as it would if
the difference from each source were blended.

Convention: a small source is (m, m, 3) float32, a detail (S, S, 3) float32, in levels of 0..255.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image

Float32 = NDArray[np.float32]
Depth = np.dtype[np.uint8] | np.dtype[np.uint16]

_SIDE = 32  # of the small source
_SIGMA = 1 / 8  # of what is slow, of the crop's side


def levels(dtype: Depth) -> np.float32:
    """Levels of 0..255 in a unit of a crop's samples."""
    return np.float32(1.0 if dtype == np.uint8 else 1 / 257)


def reduced(source: Image) -> Float32:
    """The small source of a crop."""
    side = min(_SIDE, len(source))
    small = cv2.resize(source, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(small * levels(source.dtype), np.float32)


def slow_part(small: Float32) -> Float32:
    """(m, m, 3), what is slow of a small source or of a difference of two."""
    return np.asarray(cv2.GaussianBlur(small, (0, 0), _SIGMA * len(small)), np.float32)


def detail_of(crop: Image, small: Float32) -> Float32:
    """What a crop shows beyond the slow part of its source."""
    detail = crop.astype(np.float32)
    if crop.dtype != np.uint8:
        detail *= levels(crop.dtype)
    detail -= _enlarged(small, len(crop))
    return detail


def joined(detail: Float32, small: Float32, dtype: Depth) -> Image:
    """The crop that a detail and a small source make, of the type that was asked for."""
    crop = detail + _enlarged(small, len(detail))
    if dtype == np.uint16:
        crop *= np.float32(257)
    np.rint(crop, out=crop)
    np.clip(crop, 0, np.iinfo(dtype).max, out=crop)
    return crop.astype(dtype)


def mixed(detail: Float32, other: Float32, gain: float, weights: Float32) -> Float32:
    """The one's detail and, by the weights (n, n), the other's in the one's light."""
    weights = np.asarray(cv2.resize(weights, detail.shape[:2]), np.float32)
    mixture = other * np.float32(gain)
    mixture -= detail
    mixture *= weights[..., None]
    mixture += detail
    return np.asarray(mixture, np.float32)


def _enlarged(small: Float32, size: int) -> Float32:
    """(S, S, 3) the slow part of a small source."""
    return np.asarray(cv2.resize(slow_part(small), (size, size)), np.float32)
