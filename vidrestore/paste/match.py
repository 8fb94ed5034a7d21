"""What the restoration may change: detail, not the colour of the skin.

Convention: crops are (S, S, 3) RGB uint8 or uint16, differences (S, S, 3) float32 in levels of
0..255.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image
from vidrestore.picture.luma import LUMA

Float32 = NDArray[np.float32]

# Luma by BT.601, the weights nearest to what all formats share.
_GRID = 32  # side of the reduced picture that low passes are made on
_CHROMA_SIGMA = 1 / 8  # of the crop's side
_LUMA_SIGMA = 1 / 5
# Mean distance from gray, in levels: below the first a source counts as black and white, above
# the second as colour; between, colour fades in, so that nothing switches from frame to frame.
_GRAY, _COLOURED = 1.5, 4.0


def matched_difference(
    source: Image,
    restored: Image,
    mask: Float32,
    *,
    match: bool = True,
) -> Float32:
    """Restored minus source, without the slow differences of colour and light.

    The low-passed difference (within the mask: what lies beside the face does not count) is taken
    away; for luma with a wider kernel than for chroma, as restoring shadows and features moves luma
    over larger areas. A source without colour gets no colour.

    Args:
        source: the source crop.
        restored: the restored crop, of the same shape and type.
        mask: (n, n) float32 weights over the crop.
        match: False leaves the slow differences in (but still gives no colour to a gray source).
    """
    difference = toned(level_difference(restored, source), source, mask)
    if match:
        difference -= slow_part(difference, mask)
    return difference


def level_difference(one: Image, other: Image) -> Float32:
    """A crop less another of its shape and type, levels of 0..255."""
    difference = _float(cv2.subtract(one, other, dtype=cv2.CV_32F))
    if one.dtype != np.uint8:
        difference *= np.float32(1 / 257)
    return difference


def toned(difference: Float32, source: Image, mask: Float32) -> Float32:
    """A difference that gives no colour to a source without any.

    Args:
        difference: (S, S, 3).
        source: the crop, of that size or smaller.
        mask: (n, n) weights over the crop.
    """
    colour = _colourfulness(source, mask)
    if colour == 1:
        return difference
    to_gray = np.tile(LUMA, (3, 1))
    mixed = colour * np.eye(3, dtype=np.float32) + (1 - colour) * to_gray
    return _float(cv2.transform(difference, mixed))


def slow_part(difference: Float32, mask: Float32) -> Float32:
    """(S, S, 3) of a difference (S, S, 3): its low pass of colour and light within a mask."""
    small = _reduced(difference, min(_GRID, len(difference)))
    grid = len(small)
    weights = _reduced(mask, grid)
    luma = small @ LUMA
    chroma = small - luma[..., None]
    slow = _weighted_blur(chroma, weights, _CHROMA_SIGMA * grid)
    slow += _weighted_blur(luma[..., None], weights, _LUMA_SIGMA * grid)
    return _float(cv2.resize(slow, difference.shape[1::-1], interpolation=cv2.INTER_LINEAR))


def _reduced(picture: Image | Float32, side: int) -> Float32:
    """Means over cells, (side, side) or (side, side, 3)."""
    return _float(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA))


def _weighted_blur(picture: Float32, weights: Float32, sigma: float) -> Float32:
    """Normalised convolution: the Gaussian mean over where the weights are."""
    stacked = np.concatenate([picture * weights[..., None], weights[..., None]], axis=-1)
    blurred = cv2.GaussianBlur(stacked, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    return _float(blurred[..., :-1] / (blurred[..., -1:] + np.float32(1e-4)))


def _colourfulness(source: Image, mask: Float32) -> np.float32:
    """0 for a black and white source, 1 for one in colour."""
    scale = np.float32(1.0 if source.dtype == np.uint8 else 1 / 257)
    side = min(2 * _GRID, source.shape[0])
    small = cv2.resize(source, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    weights = cv2.resize(mask, (side, side), interpolation=cv2.INTER_AREA)
    total = float(weights.sum())
    if total <= 0:
        return np.float32(0)
    distance = np.ptp(small, axis=-1) * scale
    mean = float((distance * weights).sum()) / total
    return np.float32(np.clip((mean - _GRAY) / (_COLOURED - _GRAY), 0.0, 1.0))


def _float(array: NDArray[np.generic]) -> Float32:
    """The same array for who checks types: OpenCV declares no element type."""
    return np.asarray(array, np.float32)
