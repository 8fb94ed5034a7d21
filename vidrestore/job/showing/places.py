"""Where in a video a preview tells most."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from vidrestore.datatypes import Face, Frame
from vidrestore.detect.preview import preview_size, reduced_rgb
from vidrestore.errors import Interrupted
from vidrestore.measure.wear import wear
from vidrestore.picture.face_size import eyes_to_chin
from vidrestore.stages import Detector

LOOKS = 20
"""Pictures that are looked at, spread over a video."""

_WHITE = 255.0


@dataclass(frozen=True, slots=True)
class Place:
    """A moment of a video, and the face that tells most there.

    Attributes:
        time: seconds from the file's beginning.
        face: its size from eyes to chin, px of the frame; 0 where there is none.
        wear: 0..1; see ``measure.wear``.
    """

    time: Fraction
    face: float = 0.0
    wear: float = 0.0

    @property
    def worth(self) -> float:
        """How much it tells: large faces show most, and of two that are as large the worn one."""
        return self.face * (1.0 + self.wear)

    def no_later(self, time: Fraction) -> Place:
        """The same, begun early enough."""
        return replace(self, time=min(self.time, time))


def times_to_look(start: Fraction, duration: Fraction | None) -> list[Fraction]:
    """Times spread evenly over a video, seconds of its clock; the first where its end is unknown.

    Args:
        start: of the video.
        duration: seconds; None if unknown.
    """
    if not duration:
        return [start]
    return [start + duration * Fraction(2 * n + 1, 2 * LOOKS) for n in range(LOOKS)]


def look(
    pictures: Iterable[Frame],
    detector: Detector,
    max_side: int,
    *,
    start: Fraction,
    stop: threading.Event | None = None,
) -> list[Place]:
    """Look for faces on single pictures.

    Args:
        pictures: of the video, in order.
        detector: finds faces in pictures as they are stored.
        max_side: longest side of what the detector is shown, px.
        start: the file's beginning, seconds of its clock.
        stop: set it from anywhere to end early.

    Returns:
        A place for each picture.

    Raises:
        Interrupted: ``stop`` was set.
    """
    places = []
    for frame in pictures:
        if stop is not None and stop.is_set():
            raise Interrupted("stopped before the end")
        size = preview_size(frame.format, max_side)
        (faces,) = detector.detect([reduced_rgb(frame, size)])
        scale = frame.format.width / size[0]
        time = max(Fraction(0), frame.pts * frame.time_base - start)
        found = [_place(time, frame, face, scale) for face in faces]
        places.append(max(found, key=lambda place: place.worth, default=Place(time)))
    return places


def chosen(places: Sequence[Place], count: int, apart: Fraction) -> list[Place]:
    """The places that tell most, in the order of their times.

    Args:
        places: to choose from, in order; where none has a face, those in the middle come first.
        count: how many are wanted; fewer are given where there are no more.
        apart: seconds that must lie between two of them.
    """
    middle = (len(places) - 1) / 2
    order = sorted(range(len(places)), key=lambda n: (-places[n].worth, abs(n - middle)))
    taken: list[Place] = []
    for number in order:
        place = places[number]
        if len(taken) < count and all(abs(place.time - other.time) >= apart for other in taken):
            taken.append(place)
    return sorted(taken, key=lambda place: place.time)


def _place(time: Fraction, frame: Frame, face: Face, scale: float) -> Place:
    """What a face tells that was found on a picture ``scale`` times as small as the frame."""
    luma = frame.planes[0]
    rows, columns = luma.shape
    x0, y0, x1, y1 = np.rint((face.box + 0.5) * scale - 0.5).astype(int)
    seen = luma[max(0, y0) : min(rows, y1 + 1), max(0, x0) : min(columns, x1 + 1)]
    size = eyes_to_chin(face.landmarks) * scale
    if min(seen.shape) < 3:
        return Place(time)
    white = float((1 << frame.format.bits) - 1)
    return Place(time, size, wear(seen.astype(np.float32) * (_WHITE / white)))
