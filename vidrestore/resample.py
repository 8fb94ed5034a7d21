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

# How far a step may exceed a whole number of pixels before one more sample is taken.
_TOLERANCE = 0.05


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
    window: tuple[int, int, int, int],
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
    step = math.sqrt(abs(float(np.linalg.det(picture_from_grid[:, :2]))))
    fine = max(1, math.ceil(step - _TOLERANCE))
    grid_from_fine = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5]]) / fine
    grid_from_fine[:, 2] += np.array([x0, y0]) - 0.5
    values = cv2.warpAffine(
        picture,
        compose(picture_from_grid, grid_from_fine),
        ((x1 - x0) * fine, (y1 - y0) * fine),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT if mirror else cv2.BORDER_REPLICATE,
    )
    if fine > 1:
        values = cv2.resize(values, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    return np.asarray(values)


def interpolate(
    picture: NDArray[np.float32], picture_from_grid: Matrix, window: tuple[int, int, int, int]
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
