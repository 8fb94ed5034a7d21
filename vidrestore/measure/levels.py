"""Pictures of any sample type on one scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Rec. ITU-R BT.709, item 3.2: luma of gamma-coded RGB.
_LUMA = np.array([0.2126, 0.7152, 0.0722])


def levels(picture: NDArray[Any]) -> Levels:
    """A picture as float64 on the scale 0..255.

    Args:
        picture: (..., 3) RGB; uint8, uint16 on the full 16-bit scale, or float on 0..255.

    Raises:
        ValueError: if the last axis is not RGB.
        TypeError: if the samples are of another type.
    """
    if picture.ndim < 3 or picture.shape[-1] != 3:
        raise ValueError(f"a picture of shape {picture.shape}, expected (..., H, W, 3)")
    if picture.dtype == np.uint16:
        return np.asarray(picture / 257.0, np.float64)
    if picture.dtype == np.uint8 or np.issubdtype(picture.dtype, np.floating):
        return picture.astype(np.float64)
    raise TypeError(f"samples are {picture.dtype}; uint8, uint16 or float are measured")


def luma(picture: NDArray[Any]) -> Levels:
    """(..., H, W) luma by BT.709's weights, 0..255."""
    weighted: Levels = levels(picture) @ _LUMA
    return weighted


def same_size(first: Levels, second: Levels) -> None:
    """Refuse to compare what does not belong together.

    Raises:
        ValueError: if the shapes differ.
    """
    if first.shape != second.shape:
        raise ValueError(f"pictures of {first.shape} and {second.shape} cannot be compared")


def counted(mask: NDArray[Any] | None, shape: tuple[int, int]) -> Mask:
    """The mask as booleans; all true if None.

    Raises:
        ValueError: if it is of another size or counts no pixel.
    """
    if mask is None:
        return np.ones(shape, np.bool_)
    if mask.shape != shape:
        raise ValueError(f"a mask of {mask.shape} for a picture of {shape}")
    chosen = mask.astype(np.bool_)
    if not chosen.any():
        raise ValueError("the mask counts no pixel")
    return chosen
