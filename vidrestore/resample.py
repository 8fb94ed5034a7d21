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

Window = tuple[int, int, int, int]

# Steps, in pixels of the picture per grid point: up to the first one sample is enough; up to the
# second interpolation must be bicubic, as what linear interpolation dims is still seen.
_ONE_SAMPLE = 1.05
_BICUBIC = 1.5


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
    picture: Image,
    picture_from_grid: Matrix,
    window: Window,
    *,
    mirror: bool = False,
) -> Image:
    """The picture's values on a part of another grid.

    Where grid points are further apart than the picture's pixels the picture is sampled more finely
    and averaged over the area of a grid point; where they are closer it is interpolated
    bicubically.

    Args:
        picture: (h, w) or (h, w, C), any type OpenCV knows; it may be read-only.
        picture_from_grid: a similarity.
        window: x0, y0, x1, y1 of the grid points wanted, x1 and y1 excluded.
        mirror: beyond the picture's edges it is mirrored; otherwise its border is repeated.

    Returns:
        (y1 - y0, x1 - x0) or with C, of the picture's type.
    """
    x0, y0, x1, y1 = window
    border = cv2.BORDER_REFLECT if mirror else cv2.BORDER_REPLICATE
    step = math.sqrt(abs(float(np.linalg.det(picture_from_grid[:, :2]))))
    if step >= 2:
        factor = int(step)
        picture, reduced_from_picture = _reduced(
            picture, _around(picture_from_grid, window), factor, border
        )
        picture_from_grid = compose(reduced_from_picture, picture_from_grid)
        step /= factor
    fine = 1 if step <= _ONE_SAMPLE else 2
    grid_from_fine = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5]]) / fine
    grid_from_fine[:, 2] += np.array([x0, y0]) - 0.5
    values = cv2.warpAffine(
        picture,
        compose(picture_from_grid, grid_from_fine),
        ((x1 - x0) * fine, (y1 - y0) * fine),
        flags=(cv2.INTER_CUBIC if step < _BICUBIC else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP,
        borderMode=border,
    )
    if fine > 1:
        values = cv2.resize(values, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    return np.asarray(values)


def interpolate(
    picture: NDArray[np.float32], picture_from_grid: Matrix, window: Window
) -> NDArray[np.float32]:
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
    picture: Image, around: NDArray[np.float64], factor: int, border: int
) -> tuple[Image, Matrix]:
    """The part of a picture that is needed, averaged over squares of ``factor`` pixels.

    The squares are counted from the picture's own corner, whichever part is needed, so that nothing
    shimmers as the part moves.

    Returns:
        The reduced part and reduced_from_picture.
    """
    starts, stops = [], []
    for axis, length in ((0, picture.shape[1]), (1, picture.shape[0])):
        low, high = around[0, axis] - 3 * factor, around[1, axis] + 3 * factor
        if border == cv2.BORDER_REFLECT:  # what is mirrored must be part of it
            low, high = min(low, 2 * length - high), max(high, -low)
        start = min(max(math.floor(low), 0), length - 1) // factor * factor
        starts.append(start)
        stops.append(min(max(math.ceil(high), start + 1), length))
    part = picture[starts[1] : stops[1], starts[0] : stops[0]]
    columns, rows = (-(-(stops[i] - starts[i]) // factor) for i in (0, 1))
    missing = rows * factor - part.shape[0], columns * factor - part.shape[1]
    if any(missing):
        part = cv2.copyMakeBorder(part, 0, missing[0], 0, missing[1], border)
    reduced = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    matrix = np.array([[1.0, 0.0, 0.5 - starts[0]], [0.0, 1.0, 0.5 - starts[1]]]) / factor
    matrix[:, 2] -= 0.5
    return np.asarray(reduced), matrix
