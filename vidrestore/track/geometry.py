"""Sizes, boxes and modes of five landmarks.

Convention: landmarks are (..., 5, 2) float64 xy px: left eye, right eye, nose, left and right mouth
corner, as seen in the image.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Points
from vidrestore.picture.face_size import landmark_spread
from vidrestore.picture.template import ARCFACE

Floats = NDArray[np.float64]

# Half width and half height of a face, eyebrows to chin, in sizes, around the landmarks' mean.
HALF_EXTENT = np.array([1.15, 1.45])

# The mean frontal face: ArcFace's five points (Deng et al., CVPR 2019), their mean at the origin,
# in sizes. Only its shape matters here: what moves like it is head motion, the rest is expression.
MEAN_FACE = (ARCFACE - ARCFACE.mean(axis=0)) / 35.24


def face_boxes(landmarks: Points) -> Floats:
    """(N, 4) xyxy boxes, eyebrows to chin, of (N, 5, 2) landmarks; upright whatever the roll."""
    centre = landmarks.mean(axis=1)
    half = landmark_spread(landmarks)[:, None] * HALF_EXTENT
    return np.concatenate([centre - half, centre + half], axis=1)


def overlaps(first: Floats, second: Floats) -> Floats:
    """Intersection over union of each pair: (N, 4) and (M, 4) xyxy boxes of positive area."""
    corner = np.maximum(first[:, None, :2], second[None, :, :2])
    extent = np.clip(np.minimum(first[:, None, 2:], second[None, :, 2:]) - corner, 0, None)
    shared = extent.prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (first, second)]
    result: Floats = shared / (areas[0][:, None] + areas[1][None] - shared)
    return result
