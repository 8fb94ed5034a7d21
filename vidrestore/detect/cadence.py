"""Detection on every n-th frame, and faces carried to the frames between from both sides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np

from vidrestore.datatypes import DetectedFrame, Face, Image, Look, crosses_grid
from vidrestore.detect.networks.boxes import suppress
from vidrestore.detect.propagate import Propagation, toned_like
from vidrestore.picture.face_size import feature_span
from vidrestore.stages import Detector

# Two looks are of one face if their landmarks are this close on average, in parts of its size.
SAME_FACE = 0.6
# Carried faces that overlap more than this are one face as well.
OVERLAP_LIMIT = 0.4
# A face that one end alone shows, with less than this score, is dissolving or none: not carried.
DOUBTFUL = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class GrayLook:
    """A look with what is needed of it for carrying faces.

    Attributes:
        look: the frame and its picture.
        gray: the picture in gray.
        faces: what the detector found there, in the picture's pixels; empty between detections.
    """

    look: Look
    gray: Image
    faces: tuple[Face, ...] = ()


@dataclass(slots=True)
class Interval:
    """The last detected view of a shot and the frames that came after it."""

    start: GrayLook
    between: list[GrayLook] = field(default_factory=list)


class Cadence:
    """Finds the faces of each frame; a ``Stage[Look, DetectedFrame]``.

    The detector sees the first and last frame of each shot, and between them every n-th of a grid
    that lies still on the source's clock: a piece of a shot is detected on the same frames as the
    whole. Faces are carried to the frames between by optical flow, forward from the detection
    before and backward from the one after, blended by nearness: that keeps the detector's accuracy
    at a quarter of its jitter. Where fewer faces arrive than both ends show (something passed in
    front, a flash, a cut that went unnoticed) the detector sees that frame too. At most n frames
    are held; nothing crosses the start of a shot. A face that is neither found nor followed is not
    listed.

    What lies before a detection changes nothing after it.

    Args:
        detector: finds the faces of a picture.
        every: n, at least 1.
    """

    def __init__(self, detector: Detector, every: int) -> None:
        if every < 1:
            raise ValueError(f"every is {every}; at least 1 is needed")
        self.latency, self.memory = every - 1, every
        self._detector = detector
        self._every = every
        self._interval: Interval | None = None

    def push(self, item: Look, /) -> Iterable[DetectedFrame]:
        """Take a look; gives the frames whose faces are now known."""
        interval = self._interval
        if interval is None or item.shot_start:
            ends = interval.between[-1:] if interval else []
            *last, first = self._detected([*(view.look for view in ends), item])
            finished = self._closed(interval, last) if interval else []
            self._interval = Interval(first)
            return [*finished, _result(first, first.faces, "measured")]
        before = (interval.between[-1] if interval.between else interval.start).look.frame
        due = crosses_grid(before, item.frame, self._every)
        if not due and len(interval.between) + 1 < self._every:
            interval.between.append(GrayLook(item, _gray(item.picture)))
            return []
        (end,) = self._detected([item])
        finished = self._closed(interval, [end])
        self._interval = Interval(end)
        return finished

    def flush(self) -> Iterable[DetectedFrame]:
        """The frames after the last detection; their last one is detected too."""
        interval, self._interval = self._interval, None
        if interval is None:
            return []
        last = self._detected([view.look for view in interval.between[-1:]])
        return self._closed(interval, last)

    def _detected(self, looks: Sequence[Look]) -> list[GrayLook]:
        found = self._detector.detect([look.picture for look in looks]) if looks else []
        return [
            GrayLook(look, _gray(look.picture), faces)
            for look, faces in zip(looks, found, strict=True)
        ]

    def _closed(self, interval: Interval, end: Sequence[GrayLook]) -> list[DetectedFrame]:
        """What lies after the interval's start, up to and with its detected end.

        Args:
            interval: its last frame may be the end itself, not yet detected.
            end: the detected end, or nothing if no frame followed the start.
        """
        if not end:
            return []
        between = [view for view in interval.between if view.look is not end[0].look]
        after = carried(interval.start, between)
        before = carried(end[0], between[::-1])[::-1]
        steps = len(between) + 1
        found = [merged(after[i], before[i], (i + 1) / steps) for i in range(len(between))]
        expected = min(len(interval.start.faces), len(end[0].faces))
        lost = [i for i, faces in enumerate(found) if len(faces) < expected]
        seen = dict(zip(lost, self._detected([between[i].look for i in lost]), strict=True))
        results = [
            _result(seen[i], seen[i].faces, "measured")
            if i in seen
            else _result(view, found[i], "propagated")
            for i, view in enumerate(between)
        ]
        return [*results, _result(end[0], end[0].faces, "measured")]


def carried(start: GrayLook, others: Sequence[GrayLook]) -> list[tuple[Face, ...]]:
    """The faces of a detected view in each of the looks that lie next to it, in order."""
    alive = [Propagation(start.gray, face) for face in start.faces]
    results = []
    for view in others:
        gray = toned_like(view.gray, start.gray) if alive else view.gray
        alive = [way for way in alive if way.advance(gray)]
        results.append(tuple(way.face for way in alive))
    return results


def merged(after: Sequence[Face], before: Sequence[Face], nearness: float) -> tuple[Face, ...]:
    """One frame's faces out of what came from its two neighbouring detections.

    Args:
        after: carried forward from the earlier detection.
        before: carried backward from the later one.
        nearness: weight of ``before``, 0..1; pairs are blended by it, single faces stay unless they
            are doubtful.

    Returns:
        Each face once, in no particular order.
    """
    pairs = sorted(
        (distance, i, j)
        for i, first in enumerate(after)
        for j, second in enumerate(before)
        if (distance := _distance(first, second)) <= SAME_FACE
    )
    firsts, seconds = dict(enumerate(after)), dict(enumerate(before))
    faces, weights = [], []
    for _, i, j in pairs:
        if i in firsts and j in seconds:
            faces.append(_blended(firsts.pop(i), seconds.pop(j), nearness))
            weights.append(2.0)
    for singles, weight in ((firsts, 1 - nearness), (seconds, nearness)):
        known = [face for face in singles.values() if face.score >= DOUBTFUL]
        faces += known
        weights += [weight] * len(known)
    boxes = np.array([face.box for face in faces]).reshape(-1, 4)
    return tuple(faces[i] for i in suppress(boxes, np.array(weights), OVERLAP_LIMIT))


def _distance(first: Face, second: Face) -> float:
    apart = float(np.linalg.norm(first.landmarks - second.landmarks, axis=1).mean())
    return apart / max(feature_span(first.landmarks), feature_span(second.landmarks))


def _blended(first: Face, second: Face, weight: float) -> Face:
    return Face(
        (1 - weight) * first.box + weight * second.box,
        (1 - weight) * first.landmarks + weight * second.landmarks,
        (1 - weight) * first.score + weight * second.score,
    )


def _gray(picture: Image) -> Image:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))


def _result(
    view: GrayLook, faces: Sequence[Face], state: Literal["measured", "propagated"]
) -> DetectedFrame:
    scale = np.array(view.look.scale)
    in_frame = tuple(
        Face(
            (face.box + 0.5) / np.tile(scale, 2) - 0.5,
            (face.landmarks + 0.5) / scale - 0.5,
            face.score,
        )
        for face in faces
    )
    return DetectedFrame(view.look.frame, view.look.shot_start, state, in_frame)
