"""The face's outline from five landmarks, and the feathered mask inside it.

Convention: points are (K, 2) xy px; a mask is (n, n) float32 weights from 0 to 1 over the square of
the crop, with mask xy = (crop xy + 0.5) * n / S - 0.5.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Points

# Half of a frontal face's outline: (across, down). Across counts half widths of the face, down
# counts eye-to-mouth distances from the line of the eyes: from above the brows (at -0.4) over
# cheekbones and jaw to the chin (at 1.65).
_HALF_OUTLINE = np.array(
    [
        (0.30, -0.60),
        (0.66, -0.52),
        (0.88, -0.33),
        (0.99, -0.05),
        (1.00, 0.30),
        (0.97, 0.65),
        (0.87, 1.00),
        (0.68, 1.30),
        (0.42, 1.54),
        (0.15, 1.66),
    ]
)
# Half width of a frontal face in spans, the span being the mean of the distances between the eyes
# and between the mouth's corners; and how the two halves change when the head turns and the nose
# moves off the middle (by spans): the far half vanishes faster than the near one grows.
_HALF_WIDTH = 1.25
_NEAR_GROWS = 0.8
_FAR_SHRINKS = 2.3
_FRONTAL_SPAN = 0.79  # of the distance from eyes to mouth

_EDGE = 0.04  # width of the ramp at the crop's own border, of its side


def face_outline(landmarks: Points) -> Points:
    """The convex outline of the face, brows to chin.

    Its axes come from the landmarks, so that it turns and scales with them; the nose says how far
    the head is turned, and with it how much of each cheek is seen.

    Args:
        landmarks: (5, 2) xy px, in the order of ``Face.landmarks``.

    Returns:
        (20, 2) xy px, a convex polygon around the landmarks.
    """
    points = landmarks[:, 0] + 1j * landmarks[:, 1]
    eyes, mouth = (points[0] + points[1]) / 2, (points[3] + points[4]) / 2
    drop = mouth - eyes
    across = ((points[1] - points[0]) + (points[4] - points[3])) / 2
    down = drop + 1j * across  # a quarter turn brings across onto down
    down /= max(abs(down), 1e-9)
    height = max(abs(drop), abs(across))
    span = max(abs(across), _FRONTAL_SPAN * abs(drop))
    nose = ((points[2] - (eyes + mouth) / 2) / (1j * down * -1)).real / max(span, 1e-9)
    turn = float(np.clip(nose, -0.45, 0.45))
    right = _HALF_WIDTH - (_FAR_SHRINKS if turn > 0 else _NEAR_GROWS) * turn
    left = _HALF_WIDTH + (_NEAR_GROWS if turn > 0 else _FAR_SHRINKS) * turn
    sides = [max(left, 0.35) * span, max(right, 0.35) * span]
    half = _HALF_OUTLINE
    x = np.concatenate([half[:, 0] * sides[1], -half[::-1, 0] * sides[0]])
    y = np.concatenate([half[:, 1], half[::-1, 1]]) * height
    placed = eyes + down * (y - 1j * x)
    outline = np.stack([placed.real, placed.imag], axis=-1)
    # Only an extreme pose puts a landmark outside; then the outline gives way.
    return np.asarray(_hull(np.concatenate([outline, landmarks])), np.float64)


def dilated(outline: Points, growth: float) -> Points:
    """A convex outline scaled by ``1 + growth`` about the mean of its corners' box."""
    centre = (outline.min(axis=0) + outline.max(axis=0)) / 2
    return np.asarray(centre + (outline - centre) * (1.0 + growth), np.float64)


def face_mask(outline: Points, size: int, cells: int, feather: float) -> NDArray[np.float32]:
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
    hull = _hull(outline)
    edges = np.roll(hull, -1, axis=0) - hull
    lengths = np.maximum(np.linalg.norm(edges, axis=1), 1e-9)
    normals = np.stack([-edges[:, 1], edges[:, 0]], axis=1) / lengths[:, None]
    if np.sum((hull.mean(axis=0) - hull[0]) * normals[0]) < 0:
        normals = -normals
    offsets = (normals * hull).sum(axis=1)
    step = size / cells
    centres = (np.arange(cells, dtype=np.float32) + 0.5) * step - 0.5
    # Inside a convex polygon the distance to it is the least distance to the lines of its sides.
    rows = normals[:, 1, None].astype(np.float32) * centres - offsets[:, None].astype(np.float32)
    columns = normals[:, 0, None].astype(np.float32) * centres
    inside = np.full((cells, cells), np.inf, np.float32)
    for row, column in zip(rows, columns, strict=True):
        np.minimum(inside, row[:, None] + column[None, :], out=inside)
    inside -= np.float32(1.5 * step)
    weights = _smooth(inside / np.float32(feather))
    border = np.minimum(centres + 0.5, size - 0.5 - centres) - np.float32(step)
    ramp = _smooth(border / np.float32(_EDGE * size))
    weights *= ramp[:, None]
    weights *= ramp[None, :]
    return weights


def _smooth(t: NDArray[np.float32]) -> NDArray[np.float32]:
    """0 below 0, 1 above 1, and a cubic with level ends between."""
    t = np.clip(t, np.float32(0), np.float32(1))
    return t * t * (np.float32(3) - np.float32(2) * t)


def _hull(points: Points) -> Points:
    """Corners of the convex hull, in order."""
    hull = cv2.convexHull(points.astype(np.float32))
    return np.asarray(hull, np.float64).reshape(-1, 2)
