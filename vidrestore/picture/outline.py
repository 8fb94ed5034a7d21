"""The outline of a face from five landmarks, and the part of a crop that it takes.

Convention: points are (K, 2) xy px.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np

from vidrestore.datatypes import Matrix, Points

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

# Sides of a box are multiples of it, so that those of half its size are whole.
_GRID = 4


class Box(NamedTuple):
    """Rows and columns of a crop; their ends are multiples of 4."""

    rows: slice
    columns: slice

    @property
    def halved(self) -> Box:
        """The same part of a crop of half the size."""
        return Box(*(slice(part.start // 2, part.stop // 2) for part in self))

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns; 0 where it is empty."""
        height, width = (max(part.stop - part.start, 0) for part in self)
        return height, width


def face_box(landmarks: Points, growth: float, crop_from_frame: Matrix, size: int) -> Box:
    """The part of a crop that a face's outline reaches.

    Args:
        landmarks: (5, 2) xy px in the frame.
        growth: of the outline, as ``dilated`` takes it.
        crop_from_frame: (2, 3).
        size: S, of the crop; a multiple of 4.
    """
    outline = dilated(face_outline(landmarks), growth)
    placed = outline @ crop_from_frame[:, :2].T + crop_from_frame[:, 2]
    low, high = placed.min(axis=0), placed.max(axis=0)
    columns, rows = (
        slice(
            min(max(math.floor(first / _GRID) * _GRID, 0), size),
            min(max(math.ceil((last + 1) / _GRID) * _GRID, 0), size),
        )
        for first, last in zip(low, high, strict=True)
    )
    return Box(rows, columns)


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
    return np.asarray(hull(np.concatenate([outline, landmarks])), np.float64)


def dilated(outline: Points, growth: float) -> Points:
    """A convex outline scaled by ``1 + growth`` about the mean of its corners' box."""
    centre = (outline.min(axis=0) + outline.max(axis=0)) / 2
    return np.asarray(centre + (outline - centre) * (1.0 + growth), np.float64)


def hull(points: Points) -> Points:
    """Corners of the convex hull, in order."""
    corners = cv2.convexHull(points.astype(np.float32))
    return np.asarray(corners, np.float64).reshape(-1, 2)
