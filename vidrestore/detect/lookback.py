"""Faces followed back to where they came into view."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from vidrestore.datatypes import Face, Image, Points, TrackedFace, TrackedFrame
from vidrestore.detect.preview import preview_size, reduced_rgb
from vidrestore.detect.propagate import Propagation, toned_like
from vidrestore.picture.face_size import feature_span

# A face that is followed to within this of another, in parts of its size, has become that one.
OTHER_FACE: Final = 0.6
# Half of a face's box, in its sizes.
HALF_BOX: Final = np.array([1.15, 1.45])


@dataclass(slots=True)
class _Held:
    """A frame that may still gain faces, and its small gray picture once it was needed."""

    item: TrackedFrame
    gray: Image | None = None


class Lookback:
    """Gives new tracks the frames before their first detection; a ``Stage[TrackedFrame, ...]``.

    A detector may need some frames until it finds a face: the face turns towards the camera, light
    comes up, a search in another direction takes its turn. So a track that appears, or is seen
    again after it coasted, is followed back by optical flow, frame by frame, until the flow loses
    it, it meets another face, or the shot starts. What is gained is "propagated".

    Args:
        frames: held back at most; 0 passes everything on as it is.
        max_side: longest side, px, of the picture in which faces are followed.
    """

    def __init__(self, frames: int, max_side: int) -> None:
        if frames < 0:
            raise ValueError(f"frames is {frames}; at least 0")
        self._frames = frames
        self._max_side = max_side
        self.latency = self.memory = frames
        self._held: deque[_Held] = deque()

    def push(self, item: TrackedFrame, /) -> Iterable[TrackedFrame]:
        """Take a frame; give the one ``frames`` before it, or the rest of the shot before."""
        ready = list(self.flush()) if item.shot_start else []
        here = _Held(item)
        for face in item.faces:
            if face.state != "coasting" and self._held and self._appears(face):
                self._follow_back(here, face)
        self._held.append(here)
        while len(self._held) > self._frames:
            ready.append(self._held.popleft().item)
        return ready

    def flush(self) -> Iterable[TrackedFrame]:
        """The rest of the last shot."""
        rest = [held.item for held in self._held]
        self._held.clear()
        return rest

    def _appears(self, face: TrackedFace) -> bool:
        """Whether the frame before does not show a face."""
        before = self._held[-1].item.faces
        return all(f.state == "coasting" for f in before if f.track_id == face.track_id)

    def _follow_back(self, here: _Held, face: TrackedFace) -> None:
        start = self._gray(here)
        scale = _scale(here.item, start)
        points = (face.landmarks + 0.5) * scale - 0.5
        middle, half = points.mean(axis=0), feature_span(points) * HALF_BOX
        box = np.concatenate([middle - half, middle + half])
        way = Propagation(start, Face(box, points, face.score))
        for steps, held in enumerate(reversed(self._held), start=1):
            others = {f.track_id: f for f in held.item.faces}
            known = others.pop(face.track_id, None)
            if known is not None and known.state != "coasting":
                return
            if not way.advance(toned_like(self._gray(held), start)):
                return
            landmarks = (way.face.landmarks + 0.5) / scale - 0.5
            if any(_near(landmarks, f) for f in others.values() if f.state != "coasting"):
                return
            found = replace(
                face, landmarks=landmarks, state="propagated", age=face.age - steps, error=None
            )
            faces = sorted([*others.values(), found], key=lambda f: f.track_id)
            held.item = replace(held.item, faces=tuple(faces))

    def _gray(self, held: _Held) -> Image:
        if held.gray is None:
            frame = held.item.frame
            picture = reduced_rgb(frame, preview_size(frame.format, self._max_side))
            held.gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
        return held.gray


def _scale(item: TrackedFrame, picture: Image) -> Points:
    """(2,) x and y picture pixels per frame pixel."""
    fmt = item.frame.format
    return np.array([picture.shape[1] / fmt.width, picture.shape[0] / fmt.height])


def _near(landmarks: Points, other: TrackedFace) -> bool:
    apart = float(np.linalg.norm(landmarks - other.landmarks, axis=1).mean())
    return apart < OTHER_FACE * max(feature_span(landmarks), feature_span(other.landmarks))
