"""The octaves of a crop, and how strong they are in cells.

Convention: luma is (W, W) float32 in levels of 0..255; octave 0 is the finest, and each is half the
size of the one before.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

CELL: Final = 16
"""Side of a cell, px of octave 0."""
_SEEN = 4  # octaves that are looked at
_ROUNDING = np.float32(1 / 12)  # mean square of what rounding to whole levels adds
_FAINT = np.float32(0.1)
FEATURES: Final = 5 * _SEEN + 1
"""Of each octave: rms and mean of crop and result, and the rms of what changed; and brightness."""


def octaves(luma: Float32, count: int) -> list[Float32]:
    """The finest octaves of (W, W): what halving by means takes away."""
    found = []
    for _ in range(count):
        side = len(luma)
        half = cv2.resize(luma, (side // 2, side // 2), interpolation=cv2.INTER_AREA)
        grown = cv2.resize(half, (side, side), interpolation=cv2.INTER_LINEAR)
        found.append(np.asarray(cv2.subtract(luma, grown), np.float32))
        luma = np.asarray(half, np.float32)
    return found


def features_of(base: Float32, result: Float32) -> Float32:
    """What a network of the finest detail looks at.

    Args:
        base: (W, W) of the crop that was restored; 16 divides W.
        result: of what became of it.

    Returns:
        (21, W / 16, W / 16): logarithms of strengths in cells of 16 px, and brightness.
    """
    cells = len(base) // CELL
    rows = [means(result, cells) / np.float32(128) - np.float32(1)]
    for before, after in zip(octaves(base, _SEEN), octaves(result, _SEEN), strict=True):
        squares = (np.square(band) for band in (before, after, after - before))
        rows += [np.log(means(square, cells) + _ROUNDING) for square in squares]
        rows += [2 * np.log(means(np.abs(band), cells) + _FAINT) for band in (before, after)]
    return np.stack(rows)


def means(plane: Float32, cells: int) -> Float32:
    """(cells, cells) means of (W, W)."""
    return np.asarray(cv2.resize(plane, (cells, cells), interpolation=cv2.INTER_AREA), np.float32)
