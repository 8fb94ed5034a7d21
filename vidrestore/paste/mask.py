"""The feathered mask inside a face's outline.

Convention: points are (K, 2) xy px; a mask is (n, n) float32 weights from 0 to 1 over the square of
the crop, with mask xy = (crop xy + 0.5) * n / S - 0.5.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Points
from vidrestore.picture.outline import hull

Float32 = NDArray[np.float32]

_EDGE = 0.04  # width of the ramp at the crop's own border, of its side


def face_mask(outline: Points, size: int, cells: int, feather: float) -> Float32:
    """Weights that rise smoothly from 0 on the outline to 1 inside it.

    Args:
        outline: (K, 2) convex polygon, xy px in the crop.
        size: S, the crop's side.
        cells: n, the mask's side.
        feather: width of the rise in crop px.

    Returns:
        (n, n) float32. Weights fall to 0 one cell inside the outline, so that linear interpolation
        between cells stays inside it, and towards the crop's border.
    """
    return face_masks(outline, size, cells, (feather,))[0]


def face_masks(
    outline: Points, size: int, cells: int, feathers: Sequence[float]
) -> tuple[Float32, ...]:
    """Masks of one face that differ in their feather alone, see ``face_mask``."""
    corners = hull(outline)
    edges = np.roll(corners, -1, axis=0) - corners
    lengths = np.maximum(np.linalg.norm(edges, axis=1), 1e-9)
    normals = np.stack([-edges[:, 1], edges[:, 0]], axis=1) / lengths[:, None]
    if np.sum((corners.mean(axis=0) - corners[0]) * normals[0]) < 0:
        normals = -normals
    offsets = (normals * corners).sum(axis=1)
    step = size / cells
    centres = (np.arange(cells, dtype=np.float32) + 0.5) * step - 0.5
    # Inside a convex polygon the distance to it is the least distance to the lines of its sides.
    rows = normals[:, 1, None].astype(np.float32) * centres - offsets[:, None].astype(np.float32)
    columns = normals[:, 0, None].astype(np.float32) * centres
    inside = np.full((cells, cells), np.inf, np.float32)
    for row, column in zip(rows, columns, strict=True):
        np.minimum(inside, row[:, None] + column[None, :], out=inside)
    inside -= np.float32(1.5 * step)
    border = np.minimum(centres + 0.5, size - 0.5 - centres) - np.float32(step)
    ramp = _smooth(border / np.float32(_EDGE * size))
    edges_of_crop = ramp[:, None] * ramp
    return tuple(_smooth(inside / np.float32(feather)) * edges_of_crop for feather in feathers)


def _smooth(t: NDArray[np.float32]) -> NDArray[np.float32]:
    """0 below 0, 1 above 1, and a cubic with level ends between."""
    t = np.clip(t, np.float32(0), np.float32(1))
    return t * t * (np.float32(3) - np.float32(2) * t)
