"""Which samples of a frame a face covers, and how much each of them counts.

Convention: windows and bounds are x0, y0, x1, y1 of luma samples, the ends beyond the last.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import FrameFormat, Matrix, Points, Region
from vidrestore.picture.resample import compose, interpolate

Float32 = NDArray[np.float32]

_LEAST = 1 / 512  # a weight below this could move no 8-bit sample


def footprint(
    mask: Float32,
    crop_from_frame: Matrix,
    outline: Points,
    fmt: FrameFormat,
    *,
    size: int,
    track_id: int,
) -> tuple[Region, Float32] | None:
    """The samples that a mask reaches and its weights there; None where it misses the frame.

    Args:
        mask: (n, n) over the square of the crop.
        crop_from_frame: (2, 3).
        outline: (K, 2) xy px in the frame, outside which the mask is 0.
        fmt: the frame's.
        size: S, the crop's side.
        track_id: of the face.
    """
    window = _window(outline, fmt)
    if window is None:
        return None
    weights = weights_in_frame(mask, size, crop_from_frame, window)
    used = _bounds(weights)
    if used is None:
        return None
    region = _on_chroma_grid(track_id, window, used, fmt)
    x, y = region.x0 - window[0], region.y0 - window[1]
    return region, weights[y : y + region.y1 - region.y0, x : x + region.x1 - region.x0]


def _window(outline: Points, fmt: FrameFormat) -> tuple[int, int, int, int] | None:
    """x0, y0, x1, y1 of the luma samples around an outline, in whole chroma samples."""
    sx, sy = fmt.chroma_shift
    x0, y0 = np.floor(np.maximum(outline.min(axis=0), 0)).astype(int)
    x1, y1 = np.ceil(outline.max(axis=0)).astype(int) + 1
    x0, y0 = x0 >> sx << sx, y0 >> sy << sy
    x1, y1 = min(-(-x1 >> sx) << sx, fmt.width), min(-(-y1 >> sy) << sy, fmt.height)
    return (int(x0), int(y0), int(x1), int(y1)) if x0 < x1 and y0 < y1 else None


def weights_in_frame(
    mask: Float32, size: int, crop_from_frame: Matrix, window: tuple[int, int, int, int]
) -> Float32:
    """The mask on the luma grid of a window of the frame."""
    ratio = mask.shape[0] / size
    mask_from_crop = np.array(
        [[ratio, 0.0, (ratio - 1) / 2], [0.0, ratio, (ratio - 1) / 2]], np.float64
    )
    weights = interpolate(mask, compose(mask_from_crop, crop_from_frame), window)
    weights[weights < _LEAST] = 0.0
    return weights


def _bounds(weights: Float32) -> tuple[int, int, int, int] | None:
    """x0, y0, x1, y1 of the weights above 0."""
    columns = np.flatnonzero(weights.max(axis=0))
    rows = np.flatnonzero(weights.max(axis=1))
    if not len(columns):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _on_chroma_grid(
    track_id: int,
    window: tuple[int, int, int, int],
    used: tuple[int, int, int, int],
    fmt: FrameFormat,
) -> Region:
    """The used part of a window, grown to whole chroma samples, in the frame."""
    sx, sy = fmt.chroma_shift
    left, top = window[0], window[1]
    x0, y0 = (left + used[0]) >> sx << sx, (top + used[1]) >> sy << sy
    x1 = min(-(-(left + used[2]) >> sx) << sx, fmt.width)
    y1 = min(-(-(top + used[3]) >> sy) << sy, fmt.height)
    return Region(track_id, x0, y0, x1, y1)
