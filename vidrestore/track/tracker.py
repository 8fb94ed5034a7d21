"""Identities over time: births, observations, gaps and deaths of tracks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from vidrestore.datatypes import (
    DetectedFrame,
    Face,
    FaceState,
    Frame,
    FrameFormat,
    Points,
    TrackedFace,
    TrackedFrame,
)
from vidrestore.picture.face_size import landmark_spread
from vidrestore.track.association import associate
from vidrestore.track.kalman import CoordinateFilter, Noise, Observation

# Follows every turn of a head: predicts one frame on, it need not be calm.
PREDICTION: Final = Noise(agility=1.0, surprise=1.5)

# A face out of sight is expected to slow down, at this rate per second.
DAMPING: Final = 3.0

# A new face nearer than this to a sight, in sizes, is the same face found twice.
DOUBLE: Final = 0.6

# Detections that a track may miss in a row before it is confirmed.
FORGIVEN_MISSES: Final = 1

# A face that is not where its speed would lead is sought where it was seen, up to this many frames
# ago: one damaged frame must not lead a track astray.
MISLED: Final = 3

MAX_DELAY: Final = 64
"""Frames that wait at most until it is known which of their faces exist."""

# Where a verdict cannot wait, a score this far from birth_score towards 1 stands for what
# detections to come would have shown.
STRONG: Final = 0.3


@dataclass(slots=True, eq=False)
class _Track:
    """One face from birth to death."""

    motion: CoordinateFilter
    expected: Points
    seen: Points
    born: int
    last_seen: int
    score: float
    best: float
    verdict: Literal["tentative", "confirmed", "dropped"] = "tentative"
    detections: int = 1
    misses: int = 0
    track_id: int = 0


@dataclass(slots=True, eq=False)
class _Entry:
    """A track's place in a frame that is still held."""

    track: _Track
    landmarks: Points
    state: FaceState
    score: float


@dataclass(slots=True, eq=False)
class _Held:
    frame: Frame
    shot_start: bool
    entries: list[_Entry]


class Tracker:
    """Gives faces identities; a ``Stage[DetectedFrame, TrackedFrame]``.

    A track is born by a face of ``birth_score`` on a detector's frame and exists once it was
    detected ``confirm`` times, then from its first sight: frames wait until it is known which of
    their faces exist. What never gets there leaves no trace and uses up no id. A shot's end, and
    ``max_delay``, force the verdict: then a confident face counts. Between observations a track
    coasts for up to ``max_gap`` frames. Nothing crosses the start of a shot.

    Latency: until all faces of a frame are decided, ``max_delay`` frames at most. Memory: a track
    lasts as long as it is seen, but its past only tells which face is its own; the landmarks of a
    face that is seen pass on as they came. Ids count from the job's first track.

    Args:
        birth_score: detector score, 0..1, that can start a track.
        continue_score: lower score that is enough to continue one.
        confirm: detections that confirm a track.
        max_gap: frames without a sight after which a track ends.
        max_delay: frames that are held at most.
    """

    memory: Final[int | None] = None

    def __init__(
        self,
        *,
        birth_score: float,
        continue_score: float,
        confirm: int,
        max_gap: int,
        max_delay: int = MAX_DELAY,
    ) -> None:
        self.latency = max_delay
        self._birth_score = birth_score
        self._continue_score = min(continue_score, birth_score)
        self._strong_score = birth_score + STRONG * (1 - birth_score)
        self._confirm = confirm
        self._max_gap = max_gap
        self._max_delay = max_delay
        self._tracks: list[_Track] = []
        self._held: deque[_Held] = deque()
        self._last: Frame | None = None
        self._ids = 0

    def push(self, item: DetectedFrame, /) -> Iterable[TrackedFrame]:
        """Take a frame; give those whose faces are all decided."""
        ready = self._end_shot() if item.shot_start else []
        self._follow(item)
        if len(self._held) > self._max_delay:
            for entry in self._held[0].entries:
                self._force(entry.track)
        return ready + self._release()

    def flush(self) -> Iterable[TrackedFrame]:
        """Decide and give the rest."""
        return self._end_shot()

    def _end_shot(self) -> list[TrackedFrame]:
        for track in self._tracks:
            self._force(track)
        self._tracks = []
        self._last = None
        return self._release()

    def _force(self, track: _Track) -> None:
        if track.verdict == "tentative":
            known = track.best >= self._strong_score or track.detections >= self._confirm
            track.verdict = "confirmed" if known and track.misses == 0 else "dropped"

    def _follow(self, item: DetectedFrame) -> None:
        frame = item.frame
        dt = 0.0
        if self._last is not None:
            dt = float((frame.pts - self._last.pts) * frame.time_base)
        self._last = frame
        # The order in which a detector lists its faces must not matter.
        faces = sorted(item.faces, key=lambda face: (-face.score, *face.landmarks.ravel()))
        held = _Held(frame, item.shot_start, [])
        pairs = self._matched(faces, frame, dt)
        for number, track in enumerate(self._tracks):
            self._advance(track, faces[pairs[number]] if number in pairs else None, item, held, dt)
        self._tracks = [track for track in self._tracks if self._alive(track, frame)]
        held.entries = [entry for entry in held.entries if entry.track in self._tracks]
        if item.state == "measured":
            taken = set(pairs.values())
            self._births([face for k, face in enumerate(faces) if k not in taken], held)
        self._held.append(held)

    def _matched(self, faces: list[Face], frame: Frame, dt: float) -> dict[int, int]:
        """The face of each track that is seen, both by number."""
        for track in self._tracks:
            lost = frame.index - track.last_seen > 1
            moved = track.motion.predicted(dt, DAMPING if lost else 0.0).reshape(5, 2)
            # Who left comes back over the edge, not from where the speed of leaving would lead.
            track.expected = _inside(moved, frame.format) if lost else moved
        expected = {number: track.expected for number, track in enumerate(self._tracks)}
        pairs = self._paired(expected, faces, range(len(faces)), frame)
        taken = set(pairs.values())
        misled = {
            number: track.seen
            for number, track in enumerate(self._tracks)
            if number not in pairs and frame.index - track.last_seen <= MISLED
        }
        left = [number for number in range(len(faces)) if number not in taken]
        for number, face in self._paired(misled, faces, left, frame).items():
            pairs[number] = face
            # What gave the speed was no face.
            track, seen = self._tracks[number], faces[face].landmarks
            track.expected = track.seen
            track.motion = CoordinateFilter(
                PREDICTION, Observation(0.0, seen.ravel(), float(landmark_spread(seen)))
            )
        return pairs

    def _paired(
        self, where: Mapping[int, Points], faces: list[Face], among: Sequence[int], frame: Frame
    ) -> dict[int, int]:
        """The face of each of some tracks, near where it may be, all by number."""
        numbers = list(where)
        missed = [frame.index - 1 - self._tracks[number].last_seen for number in numbers]
        pairs = associate(
            np.array([where[number] for number in numbers]).reshape(-1, 5, 2),
            np.array(missed, dtype=float),
            np.array([faces[number].landmarks for number in among]).reshape(-1, 5, 2),
            np.array([faces[number].score for number in among]),
            birth_score=self._birth_score,
            continue_score=self._continue_score,
        )
        return {numbers[track]: among[face] for track, face in pairs}

    def _advance(
        self, track: _Track, face: Face | None, item: DetectedFrame, held: _Held, dt: float
    ) -> None:
        """Tell a track what this frame holds of it."""
        measured = item.state == "measured"
        size = float(landmark_spread(track.expected))
        if face is None:
            track.misses += measured
            track.motion.advance(Observation(dt, None, size, damping=DAMPING))
            held.entries.append(_Entry(track, track.expected, "coasting", track.score))
        else:
            track.last_seen = item.frame.index
            track.seen = face.landmarks
            track.motion.advance(Observation(dt, face.landmarks.ravel(), size))
            if measured:
                track.detections += 1
                track.misses = 0
                track.best = max(track.best, face.score)
            track.score = face.score
            held.entries.append(_Entry(track, face.landmarks, item.state, face.score))
        if track.verdict == "tentative" and track.detections >= self._confirm:
            track.verdict = "confirmed"

    def _alive(self, track: _Track, frame: Frame) -> bool:
        """Whether a track goes on; the verdict on a tentative one that does not is known."""
        gone = frame.index - track.last_seen > self._max_gap
        if track.verdict == "tentative" and (gone or track.misses > FORGIVEN_MISSES):
            track.verdict = "dropped"
        return not gone and track.verdict != "dropped"

    def _births(self, faces: list[Face], held: _Held) -> None:
        """Start tracks from the faces left over, best first."""
        for face in faces:
            others = [entry.landmarks for entry in held.entries if entry.state != "coasting"]
            size = float(landmark_spread(face.landmarks))
            known = any(
                np.linalg.norm(other - face.landmarks, axis=1).mean() < DOUBLE * size
                for other in others
            )
            if face.score < self._birth_score or known:
                continue
            index = held.frame.index
            first = Observation(0.0, face.landmarks.ravel(), size)
            motion = CoordinateFilter(PREDICTION, first)
            track = _Track(
                motion, face.landmarks, face.landmarks, index, index, face.score, face.score
            )
            if self._confirm <= 1:
                track.verdict = "confirmed"
            self._tracks.append(track)
            held.entries.append(_Entry(track, face.landmarks, "measured", face.score))

    def _release(self) -> list[TrackedFrame]:
        """The frames at the front in which no track is tentative."""
        ready = []
        while self._held and all(
            entry.track.verdict != "tentative" for entry in self._held[0].entries
        ):
            held = self._held.popleft()
            known = [entry for entry in held.entries if entry.track.verdict == "confirmed"]
            # Those that appear together count from the left.
            fresh = [entry for entry in known if entry.track.track_id == 0]
            for entry in sorted(fresh, key=lambda entry: tuple(entry.landmarks.mean(axis=0))):
                self._ids += 1
                entry.track.track_id = self._ids
            faces = sorted((_face(entry, held) for entry in known), key=lambda f: f.track_id)
            ready.append(TrackedFrame(held.frame, held.shot_start, tuple(faces)))
        return ready


def _face(entry: _Entry, held: _Held) -> TrackedFace:
    age = held.frame.index - entry.track.born
    return TrackedFace(entry.track.track_id, entry.landmarks, entry.state, age, entry.score)


def _inside(landmarks: Points, fmt: FrameFormat) -> Points:
    """Landmarks moved so that their middle lies in the frame."""
    middle = landmarks.mean(axis=0)
    moved: Points = landmarks - middle
    moved += np.clip(middle, -0.5, np.array([fmt.width, fmt.height]) - 0.5)
    return moved
