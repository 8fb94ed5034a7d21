"""What is in a video: collected from the frames as they pass."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from vidrestore.datatypes import DamageEntry, Frame, PictureFacts, TrackedFrame
from vidrestore.report.clock import Clock
from vidrestore.report.plain import Jsonable
from vidrestore.report.progress import Progress
from vidrestore.report.types import Cut


@dataclass(frozen=True, slots=True)
class FaceTrack:
    """One person's face, as it was found by an inspection.

    Attributes:
        track_id: from 1, in order of first appearance.
        first_frame: index of the first frame that shows it.
        last_frame: index of the last one.
        first_time: presentation time of ``first_frame``, seconds.
        last_time: presentation time of ``last_frame``, seconds.
        frames: frames in which it was measured or propagated.
        eyes_to_mouth: median distance from between the eyes to between the mouth corners, px.
        score: best score of the detector, 0..1.
    """

    track_id: int
    first_frame: int
    last_frame: int
    first_time: float
    last_time: float
    frames: int
    eyes_to_mouth: float
    score: float


@dataclass(frozen=True, slots=True)
class Inspection(Jsonable):
    """What is in a file; nothing was restored.

    Attributes:
        input: the source as it was named.
        media: container and streams, a mapping that JSON can hold.
        frames: frames decoded.
        duration: seconds from the first frame's time to the end of the last one.
        frame_interval: shortest and longest step between two frames, seconds; None below two.
        faces: faces found, over all frames.
        tracks: by ascending track_id.
        cuts: in order.
        warnings: what the user should know, one line each.
        picture: how the frames were scanned, and how they are understood.
        damage: what is wrong with the file; see ``Report``.
    """

    input: str
    media: Mapping[str, object]
    frames: int
    duration: float
    frame_interval: tuple[float, float] | None
    faces: int
    tracks: tuple[FaceTrack, ...]
    cuts: tuple[Cut, ...]
    warnings: tuple[str, ...] = ()
    picture: PictureFacts = field(default_factory=PictureFacts)
    damage: tuple[DamageEntry, ...] = ()


class _Seen:
    """One track of an inspection: 4 bytes a face beside the sums."""

    def __init__(self, frame: Frame) -> None:
        self.first = (frame.index, frame.seconds)
        self.last = self.first
        self.score = 0.0
        self.sizes = array("f")

    def report(self, track_id: int) -> FaceTrack:
        """The track as it stands."""
        return FaceTrack(
            track_id,
            self.first[0],
            self.last[0],
            self.first[1],
            self.last[1],
            len(self.sizes),
            float(np.median(np.array(self.sizes))),
            self.score,
        )


class InspectionBuilder:
    """Watches tracked frames go by and tells what is in the video.

    All methods but ``warn`` belong to one thread. Faces that coast count as not seen.
    """

    def __init__(self) -> None:
        self._clock = Clock()
        self._tracks: dict[int, _Seen] = {}
        self._faces = 0
        self._warnings: dict[str, None] = {}

    def observe(self, tracked: TrackedFrame) -> None:
        """Count one tracked frame; call it in order of frames."""
        frame = tracked.frame
        self._clock.observe(frame, tracked.shot_start)
        for face in tracked.faces:
            if face.state == "coasting":
                continue
            track = self._tracks.get(face.track_id)
            if track is None:
                track = self._tracks[face.track_id] = _Seen(frame)
            track.last = (frame.index, frame.seconds)
            track.score = max(track.score, face.score)
            eyes, mouth = face.landmarks[:2].mean(axis=0), face.landmarks[3:].mean(axis=0)
            track.sizes.append(float(np.hypot(*(mouth - eyes))))
            self._faces += 1

    def warn(self, text: str) -> None:
        """Note something that the user should know; the same text is kept once."""
        self._warnings.setdefault(text)

    def progress(self, frames_total: int | None, seconds: float) -> Progress:
        """How far the inspection is after ``seconds``, out of an estimated total."""
        return Progress(self._clock.frames, frames_total, self._faces, seconds)

    def finish(
        self,
        *,
        source: str,
        media: Mapping[str, object],
        picture: PictureFacts | None = None,
        damage: Sequence[DamageEntry] = (),
    ) -> Inspection:
        """The inspection of everything observed; the arguments are what JSON can hold."""
        clock = self._clock
        return Inspection(
            input=source,
            media=media,
            frames=clock.frames,
            duration=clock.duration,
            frame_interval=(clock.shortest, clock.longest) if clock.frames > 1 else None,
            faces=self._faces,
            tracks=tuple(self._tracks[key].report(key) for key in sorted(self._tracks)),
            cuts=tuple(clock.cuts),
            warnings=tuple(self._warnings),
            picture={**(picture or {}), **self._clock.pictures},
            damage=tuple(damage),
        )
