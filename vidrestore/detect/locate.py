"""The landmarks of tracked faces, placed anew on every frame."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from vidrestore.datatypes import Matrix, Points, TrackedFace, TrackedFrame
from vidrestore.detect.networks.face_crop import crop_from_picture, frame_crop
from vidrestore.detect.networks.landmark_network import EYES, TEMPLATE, LandmarkPlacer
from vidrestore.picture.per_track import PerTrack

# How much of what the detector says otherwise, on average over the track, is believed. The two err
# independently of each other, and what each has against a person's face stays the same.
DETECTOR_SHARE = 0.3
# Detections that this average looks back on.
MEMORY = 30
# Mean distance from a frontal face (the first two) or from where landmarks were thought to be (the
# others), in distances of the eyes: up to the first of a pair the network is believed, from the
# second on it is not. It has learned from faces up to a half profile.
FRONTAL, TURNED = 0.2, 0.28
NEAR, ASTRAY = 0.15, 0.3


@dataclass(slots=True)
class _Differences:
    """What the detector says otherwise of a track, px of the crop.

    Attributes:
        first: on the track's first frame, which counts until there is a detection.
        recent: on its latest detections.
    """

    first: Points
    recent: deque[Points] = field(default_factory=lambda: deque(maxlen=MEMORY))

    def mean(self) -> Points:
        """(5, 2)."""
        # Summed anew each time: a running sum would remember more than the latest.
        return np.mean(self.recent, axis=0) if self.recent else self.first


class Locate:
    """Places each seen face's landmarks on each frame; a ``Stage[TrackedFrame, TrackedFrame]``.

    Detections tell where a face is; carried from frame to frame its landmarks tell how the head
    moves, but not how the mouth does. A network that looks at every frame tells both, from the
    frame's own pixels, and how sure it is. Where it is not to be believed (a profile, something
    else than a face) the landmarks stay as they came. Faces that coast stay too.

    Latency: none. Memory: the track's latest ``MEMORY`` detections, so ``MEMORY`` times
    ``detect.every`` frames, and nothing before the shot's start.

    Args:
        placer: the network.
    """

    latency: Final = 0
    memory: Final[int | None] = None

    def __init__(self, placer: LandmarkPlacer) -> None:
        self._placer = placer
        self._differences: PerTrack[_Differences] = PerTrack()

    def push(self, item: TrackedFrame, /) -> Iterable[TrackedFrame]:
        """The same frame; nothing is held."""
        self._differences.advance(shot_start=item.shot_start)
        for face in item.faces:
            self._differences.keep(face.track_id)
        seen = [face for face in item.faces if face.state != "coasting"]
        if not seen:
            return (item,)
        matrices = [crop_from_picture(face.landmarks) for face in seen]
        crops = [frame_crop(item.frame, matrix) for matrix in matrices]
        answer = self._placer.place(np.stack(crops))
        placed = {
            face.track_id: self._placed(face, matrix, landmarks, float(error))
            for face, matrix, landmarks, error in zip(
                seen, matrices, answer.landmarks, answer.error.mean(axis=1), strict=True
            )
        }
        return (replace(item, faces=tuple(placed.get(f.track_id, f) for f in item.faces)),)

    def flush(self) -> Iterable[TrackedFrame]:
        """Nothing is held."""
        return ()

    def _placed(
        self, face: TrackedFace, matrix: Matrix, landmarks: Points, error: float
    ) -> TrackedFace:
        """A face with what the network says of it, as far as that is believed.

        Args:
            face: as it came.
            matrix: (2, 3) crop_from_frame.
            landmarks: (5, 2) in the crop.
            error: expected, px of the crop.
        """
        given = face.landmarks @ matrix[:, :2].T + matrix[:, 2]
        trust = _falling(_apart(given, TEMPLATE), FRONTAL, TURNED)
        trust *= _falling(_apart(given, landmarks), NEAR, ASTRAY)
        if trust == 0:
            return face
        landmarks = landmarks + DETECTOR_SHARE * self._difference(face, given - landmarks)
        landmarks = trust * landmarks + (1 - trust) * given
        there = (landmarks - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
        scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        return replace(face, landmarks=there, error=error / scale / trust)

    def _difference(self, face: TrackedFace, now: Points) -> Points:
        """(5, 2) mean over the track's detections of what they say otherwise, px of the crop."""
        known = self._differences.get(face.track_id)
        if known is None:
            known = self._differences[face.track_id] = _Differences(now)
        if face.state == "measured":
            known.recent.append(now)
        return known.mean()


def _apart(points: Points, others: Points) -> float:
    """Mean distance, in distances of the eyes."""
    return float(np.linalg.norm(points - others, axis=1).mean()) / EYES


def _falling(value: float, from_: float, to: float) -> float:
    """1 up to the first limit, 0 from the second on, straight between them."""
    return float(np.clip((to - value) / (to - from_), 0, 1))
