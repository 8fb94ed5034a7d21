"""Collecting an inspection from the frames as they pass."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

import numpy as np

from vidrestore.datatypes import DamageEntry, Frame, PictureFacts, TrackedFrame
from vidrestore.report.clock import Clock
from vidrestore.report.progress import Progress
from vidrestore.report.types import FaceTrack, Inspection


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
