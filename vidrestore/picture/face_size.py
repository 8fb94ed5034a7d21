"""How large a face is, from its five landmarks: one name for each way to say it.

Convention: landmarks are (..., 5, 2) float64 xy px: left eye, right eye, nose, left and right mouth
corner, as seen in the image.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Points

Floats = NDArray[np.float64]

# Adult means (Farkas, Anthropometry of the Head and Face, 1994): from the line of the pupils to the
# chin it is about 1.65 times as far as to the line of the mouth, and 1.8 times the pupils'
# distance.
_CHIN_BY_MOUTH: Final = 1.65
_CHIN_BY_EYES: Final = 1.8

# The spread of an upright, frontal face's five landmarks is about 2/3 of the distance of its eyes;
# unlike that distance it does not collapse when the head turns.
_SPREAD_TO_EYES: Final = 1.52

# Below this a face has no size to measure anything by; it keeps divisions finite.
_SMALLEST: Final = 1e-6


def eyes_to_chin(landmarks: Points) -> float:
    """Estimated distance from eyes to chin, px.

    The larger of two estimates counts: a turned head brings the eyes together, a nod the mouth
    closer to the eyes, but seldom both.

    Args:
        landmarks: (5, 2) xy px.
    """
    left_eye, right_eye, _, left_mouth, right_mouth = landmarks
    to_mouth = np.linalg.norm((left_mouth + right_mouth - left_eye - right_eye) / 2)
    between = np.linalg.norm(right_eye - left_eye)
    return float(max(_CHIN_BY_MOUTH * to_mouth, _CHIN_BY_EYES * between))


def feature_span(landmarks: Points) -> float:
    """The distance of the eyes of a frontal face, px; steady when the head turns aside.

    The larger of the distances between the eyes and from their middle to the mouth's (both are
    about equal seen from the front), so that it is never near 0.
    """
    eyes, mouth = landmarks[:2].mean(axis=0), landmarks[3:].mean(axis=0)
    across = np.linalg.norm(landmarks[1] - landmarks[0])
    return max(float(across), float(np.linalg.norm(mouth - eyes)), 1.0)


def landmark_spread(landmarks: Points) -> Floats:
    """The landmarks' root mean square distance from their mean, as an eye distance, px.

    Args:
        landmarks: (..., 5, 2).

    Returns:
        (...) px, above 0; for an upright frontal face the distance between its eyes.
    """
    offsets = landmarks - landmarks.mean(axis=-2, keepdims=True)
    spread = np.sqrt((offsets**2).sum(axis=(-2, -1)) / landmarks.shape[-2])
    size: Floats = np.maximum(spread * _SPREAD_TO_EYES, _SMALLEST)
    return size
