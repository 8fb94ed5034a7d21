"""Which faces are large enough to be restored, without flickering at the limit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vidrestore.datatypes import TrackedFace
from vidrestore.picture.face_size import eyes_to_chin
from vidrestore.picture.per_track import PerTrack

# A face that was large enough may become smaller than the limit by this factor: measured heights
# waver by less.
_STAYS: Final = 0.9


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
        passes = eyes_to_chin(face.landmarks) >= factor * self._least
        self._passed[face.track_id] = passes
        return passes
