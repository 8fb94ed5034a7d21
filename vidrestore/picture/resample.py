"""Resampling one picture onto another grid, without aliasing.

Convention: an affine map is (2, 3) float64, named ``dst_from_src``, for xy with pixel centres at
integers.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image, Matrix

Float32 = NDArray[np.float32]
Window = tuple[int, int, int, int]

# Steps, in pixels of the picture per grid point: up to the first one sample is enough; up to the
# second interpolation must be bicubic, as what linear interpolation dims is still seen.
_ONE_SAMPLE = 1.05
_BICUBIC = 1.5
# A mean over a grid point's area less this part of its second derivative is the value at the point,
# to fourth order.
_OVER_AREA = 1 / 24


def compose(outer: Matrix, inner: Matrix) -> Matrix:
    """The affine map that applies ``inner`` first."""
    composed: Matrix = outer[:, :2] @ inner
    composed[:, 2] += outer[:, 2]
    return composed


def inverse(matrix: Matrix) -> Matrix:
    """The affine map back.

    Raises:
        ValueError: if the map flattens the plane.
    """
    linear = matrix[:, :2]
    if abs(np.linalg.det(linear)) < 1e-12:
        raise ValueError("the affine map has no inverse")
    back: Matrix = np.empty((2, 3), np.float64)
    back[:, :2] = np.linalg.inv(linear)
    back[:, 2] = -back[:, :2] @ matrix[:, 2]
    return back


def resample(
    picture: Image, picture_from_grid: Matrix, window: Window, *, mirror: bool = False
) -> Float32:
    """The picture's values on a part of another grid.

    Where grid points are further apart than the picture's pixels, the picture is averaged over the
    area of a grid point; where they are closer it is interpolated bicubically.

    Args:
        picture: (h, w), of any numeric type; it may be read-only.
        picture_from_grid: a similarity, or one after a scaling of the axes.
        window: x0, y0, x1, y1 of the grid points wanted, x1 and y1 excluded.
        mirror: beyond the picture's edges it is mirrored; otherwise its border is repeated.

    Returns:
        (y1 - y0, x1 - x0), not rounded: rounding twice would tint what was averaged.
    """
    x0, y0, x1, y1 = window
    border = cv2.BORDER_REFLECT if mirror else cv2.BORDER_REPLICATE
    # Chroma may be subsampled in one direction alone, so each of the picture's axes has its step.
    steps = np.linalg.norm(picture_from_grid[:, :2], axis=1)
    factors = np.maximum(steps, 1).astype(int)
    around = _around(picture_from_grid, window)
    part, part_from_picture = _reduced(picture, around, factors.tolist(), border)
    part_from_grid = compose(part_from_picture, picture_from_grid)
    step = float((steps / factors).max())
    fine = 1 if step <= _ONE_SAMPLE else 2
    grid_from_fine = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5]]) / fine
    grid_from_fine[:, 2] += np.array([x0, y0]) - 0.5
    values = cv2.warpAffine(
        part,
        compose(part_from_grid, grid_from_fine),
        ((x1 - x0) * fine, (y1 - y0) * fine),
        flags=(cv2.INTER_CUBIC if step < _BICUBIC else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP,
        borderMode=border,
    )
    if fine > 1:
        values = cv2.resize(values, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    return np.asarray(values, np.float32)


def resample_back(picture: Image, picture_from_grid: Matrix, window: Window) -> Float32:
    """The values of a picture that was interpolated from this grid, on a part of it.

    As ``resample`` where its pixels are no closer than the grid's points. Where they are, what lies
    at a point is asked for: the grid's own samples would be averaged a second time.

    Args:
        picture: (h, w), of any numeric type; it may be read-only.
        picture_from_grid: a similarity, or one after a scaling of the axes.
        window: x0, y0, x1, y1 of the grid points wanted, x1 and y1 excluded.
    """
    means = resample(picture, picture_from_grid, window)
    if np.linalg.norm(picture_from_grid[:, :2], axis=1).max() <= _ONE_SAMPLE:
        return means
    line = np.array([-_OVER_AREA, 1 + 2 * _OVER_AREA, -_OVER_AREA], np.float32)
    values = cv2.sepFilter2D(means, -1, line, line, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(values, np.float32)


def sized(picture: Image, size: int) -> Image:
    """A square picture (W, W, C) at another size: averaged to shrink it, bicubic to enlarge."""
    if len(picture) == size:
        return picture
    how = cv2.INTER_AREA if size < len(picture) else cv2.INTER_CUBIC
    resized: Image = cv2.resize(picture, (size, size), interpolation=how)
    return resized


def interpolate(picture: Float32, picture_from_grid: Matrix, window: Window) -> Float32:
    """Linear interpolation on a part of another grid: it never overshoots, and ends in 0.

    Args:
        picture: (h, w) float32, smooth.
        picture_from_grid: (2, 3).
        window: x0, y0, x1, y1 of the grid points wanted, x1 and y1 excluded.
    """
    x0, y0, x1, y1 = window
    values = cv2.warpAffine(
        picture,
        compose(picture_from_grid, np.array([[1.0, 0.0, x0], [0.0, 1.0, y0]])),
        (x1 - x0, y1 - y0),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0.0,
    )
    return np.asarray(values, np.float32)


def _around(picture_from_grid: Matrix, window: Window) -> NDArray[np.float64]:
    """(2, 2): least and greatest picture xy that a window of the grid covers."""
    x0, y0, x1, y1 = window
    corners = np.array([(x0, y0), (x1, y0), (x0, y1), (x1, y1)], np.float64) - 0.5
    placed = corners @ picture_from_grid[:, :2].T + picture_from_grid[:, 2]
    return np.stack([placed.min(axis=0), placed.max(axis=0)])


def _reduced(
    picture: Image, around: NDArray[np.float64], factors: list[int], border: int
) -> tuple[Float32, Matrix]:
    """The part of a picture that is needed, averaged over blocks of (across, down) pixels.

    The blocks are counted from the picture's own corner, whichever part is needed, so that nothing
    shimmers as the part moves.

    Returns:
        The reduced part and reduced_from_picture.
    """
    starts, stops, counts = [], [], []
    matrix = np.zeros((2, 3))
    for axis, factor in enumerate(factors):
        length = picture.shape[1 - axis]
        low, high = around[0, axis] - 3 * factor, around[1, axis] + 3 * factor
        if border == cv2.BORDER_REFLECT:  # what is mirrored must be part of it
            low, high = min(low, 2 * length - high), max(high, -low)
        start = min(max(math.floor(low), 0), length - 1) // factor * factor
        stop = min(max(math.ceil(high), start + 1), length)
        starts.append(start)
        stops.append(stop)
        counts.append(-(-(stop - start) // factor))
        matrix[axis, axis] = 1 / factor
        matrix[axis, 2] = (0.5 - start) / factor - 0.5
    part = picture[starts[1] : stops[1], starts[0] : stops[0]].astype(np.float32, copy=False)
    if max(factors) > 1:
        right, below = (counts[i] * factors[i] - (stops[i] - starts[i]) for i in (0, 1))
        part = np.asarray(cv2.copyMakeBorder(part, 0, below, 0, right, border), np.float32)
        part = np.asarray(cv2.resize(part, counts, interpolation=cv2.INTER_AREA), np.float32)
    return part, matrix
