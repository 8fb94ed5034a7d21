"""Sizes, boxes and modes of five landmarks.

Convention: landmarks are (..., 5, 2) float64 xy px: left eye, right eye, nose, left and right mouth
corner, as seen in the image.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Points

Floats = NDArray[np.float64]

# The spread of an upright, frontal face's five landmarks is about 2/3 of the distance of its eyes;
# unlike that distance it does not collapse when the head turns.
SPREAD_TO_SIZE = 1.52

# Below this a face has no size to measure anything by; it keeps divisions finite.
SMALLEST = 1e-6

# Half width and half height of a face, eyebrows to chin, in sizes, around the landmarks' mean.
HALF_EXTENT = np.array([1.15, 1.45])

# The mean frontal face: ArcFace's five points (Deng et al., CVPR 2019), their mean at the origin,
# in sizes. Only its shape matters here: what moves like it is head motion, the rest is expression.
MEAN_FACE = np.array(
    [
        (30.2946, 51.6963),
        (65.5318, 51.5014),
        (48.0252, 71.7366),
        (33.5493, 92.3655),
        (62.7299, 92.2041),
    ]
)
MEAN_FACE = (MEAN_FACE - MEAN_FACE.mean(axis=0)) / 35.24


def face_size(landmarks: Points) -> Floats:
    """The landmarks' root mean square distance from their mean, as an eye distance, px.

    Args:
        landmarks: (..., 5, 2).

    Returns:
        (...) px, above 0; for an upright frontal face the distance between its eyes.
    """
    offsets = landmarks - landmarks.mean(axis=-2, keepdims=True)
    spread = np.sqrt((offsets**2).sum(axis=(-2, -1)) / landmarks.shape[-2])
    size: Floats = np.maximum(spread * SPREAD_TO_SIZE, SMALLEST)
    return size


def face_boxes(landmarks: Points) -> Floats:
    """(N, 4) xyxy boxes, eyebrows to chin, of (N, 5, 2) landmarks; upright whatever the roll."""
    centre = landmarks.mean(axis=1)
    half = face_size(landmarks)[:, None] * HALF_EXTENT
    return np.concatenate([centre - half, centre + half], axis=1)


def overlaps(first: Floats, second: Floats) -> Floats:
    """Intersection over union of each pair: (N, 4) and (M, 4) xyxy boxes of positive area."""
    corner = np.maximum(first[:, None, :2], second[None, :, :2])
    extent = np.clip(np.minimum(first[:, None, 2:], second[None, :, 2:]) - corner, 0, None)
    shared = extent.prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (first, second)]
    result: Floats = shared / (areas[0][:, None] + areas[1][None] - shared)
    return result
