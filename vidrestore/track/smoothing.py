"""Fixed-lag smoothing of landmarks: each frame's, given what came before and a little after."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from vidrestore.datatypes import Frame, Points, TrackedFace, TrackedFrame, crosses_grid
from vidrestore.picture.per_track import PerTrack
from vidrestore.track.modes import LandmarkSmoother

# A filter that started this many frames ago has forgotten where: the fresh one and any older one
# then agree to about a thousandth of a pixel.
SETTLED: Final = 48


class _Smoothed:
    """A track's landmarks on the frames that are still held.

    What a filter remembers fades, but never ends. So another one starts with every ``SETTLED``
    frames of the source's clock, and takes over once it has seen that many: then nothing depends on
    what lies further back than twice as many.
    """

    def __init__(self, face: TrackedFace, frame: Frame, strength: float) -> None:
        self._strength = strength
        self._last = frame
        self._taken, self._given = 1, 0
        # The oldest is believed; each with the number of the frame that it started on.
        self._smoothers = deque([(0, self._started(face))])
        self._due = False

    def advance(self, face: TrackedFace, frame: Frame) -> None:
        """Take the face on the next frame that has it."""
        dt = float((frame.pts - self._last.pts) * frame.time_base)
        # A prediction is no observation.
        seen = None if face.state == "coasting" else face.landmarks
        measured = face.state == "measured" or face.error is not None
        for _, smoother in self._smoothers:
            smoother.advance(dt, seen, measured=measured, error=face.error)
        self._due |= crosses_grid(self._last, frame, SETTLED)
        if self._due and seen is not None:
            self._smoothers.append((self._taken, self._started(face)))
            self._due = False
        self._taken += 1
        self._last = frame

    def release(self) -> Points:
        """(5, 2) landmarks of the oldest frame not released yet."""
        if len(self._smoothers) > 1 and self._given >= self._smoothers[1][0] + SETTLED:
            self._smoothers.popleft()
        (_, believed), *others = self._smoothers
        for started, smoother in others:
            if started <= self._given:
                smoother.skip()
        self._given += 1
        return believed.release()

    def _started(self, face: TrackedFace) -> LandmarkSmoother:
        return LandmarkSmoother(face.landmarks, face.error, self._strength)


class Smoother:
    """Smooths each track's landmarks over time; a ``Stage[TrackedFrame, TrackedFrame]``.

    A Kalman filter runs forward over each track; what it knows ``lookahead`` frames later is
    brought back by a Rauch-Tung-Striebel pass, so that motion is not followed late. Nothing crosses
    the start of a shot. Faces that coast are predictions: they do not count as observations, and
    get the landmarks that the observations before and after suggest.

    Latency: ``lookahead`` frames. Memory: twice ``SETTLED`` frames where frames have a duration;
    else what lies far back fades, but never quite.

    Args:
        lookahead: frames that are held back to know what comes; 0 filters causally.
        strength: scales the measurement noise expected; 0 passes everything on as it is.
    """

    memory: Final = 2 * SETTLED

    def __init__(self, lookahead: int, strength: float) -> None:
        if lookahead < 0 or strength < 0:
            raise ValueError(f"lookahead {lookahead}, strength {strength}: neither is negative")
        self.latency = lookahead
        self._lookahead = lookahead
        self._strength = strength
        self._held: deque[TrackedFrame] = deque()
        # A frame that is held needs its tracks until it is given.
        self._tracks: PerTrack[_Smoothed] = PerTrack(lookahead + 1)

    def push(self, item: TrackedFrame, /) -> Iterable[TrackedFrame]:
        """Take a frame; give the frame ``lookahead`` before it, or the rest of the shot before."""
        if self._strength == 0:
            return [item]
        ready = self._end_shot() if item.shot_start else []
        self._tracks.advance(shot_start=item.shot_start)
        for face in item.faces:
            self._follow(face, item.frame)
        self._held.append(item)
        if len(self._held) > self._lookahead:
            ready.append(self._release())
        return ready

    def flush(self) -> Iterable[TrackedFrame]:
        """The rest of the last shot."""
        return self._end_shot()

    def _end_shot(self) -> list[TrackedFrame]:
        return [self._release() for _ in range(len(self._held))]

    def _follow(self, face: TrackedFace, frame: Frame) -> None:
        track = self._tracks.get(face.track_id)
        if track is None:
            self._tracks[face.track_id] = _Smoothed(face, frame, self._strength)
            return
        self._tracks.keep(face.track_id)
        track.advance(face, frame)

    def _release(self) -> TrackedFrame:
        item = self._held.popleft()
        faces = []
        for face in item.faces:
            track = self._tracks.get(face.track_id)
            assert track is not None, "a held frame's track is still known"
            faces.append(replace(face, landmarks=track.release()))
        return replace(item, faces=tuple(faces))
