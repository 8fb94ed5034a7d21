"""Which faces are large enough to be restored, without flickering at the limit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from vidrestore.datatypes import Points, TrackedFace
from vidrestore.picture.per_track import PerTrack

# Adult means (Farkas, Anthropometry of the Head and Face, 1994): from the line of the pupils to the
# chin it is about 1.65 times as far as to the line of the mouth, and 1.8 times the pupils'
# distance.
_CHIN_BY_MOUTH: Final = 1.65
_CHIN_BY_EYES: Final = 1.8

# A face that was large enough may become smaller than the limit by this factor: measured heights
# waver by less.
_STAYS: Final = 0.9


def face_height(landmarks: Points) -> float:
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


class SizeGate:
    """Lets a track's face pass from the limit on, and then until it is a tenth below it.

    Args:
        least: height from eyes to chin, px in the frame.
    """

    def __init__(self, least: float) -> None:
        self._least = max(least, 1.0)
        self._passed: PerTrack[bool] = PerTrack()

    def passing(self, faces: Iterable[TrackedFace], *, shot_start: bool) -> tuple[TrackedFace, ...]:
        """The faces that are large enough; to be asked for every frame, in order."""
        self._passed.advance(shot_start=shot_start)
        return tuple(face for face in faces if self._passes(face))

    def _passes(self, face: TrackedFace) -> bool:
        factor = _STAYS if self._passed.get(face.track_id) else 1.0
        passes = face_height(face.landmarks) >= factor * self._least
        self._passed[face.track_id] = passes
        return passes
