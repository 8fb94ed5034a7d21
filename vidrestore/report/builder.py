"""Collecting a report from the frames as they pass, so that its counts are what happened."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from vidrestore.datatypes import Frame, LeftAlone, PastedFrame, Reason, Region, TrackedFrame
from vidrestore.report.track_record import TrackRecord
from vidrestore.report.types import Cut, FaceTrack, Inspection, ModelUsed, Progress, Report


class _Clock:
    """Time covered by the frames seen, and the cuts among them."""

    def __init__(self) -> None:
        self.frames = 0
        self.colourless = 0
        self.flickering = 0
        self.deflickered = 0
        self.cuts: list[Cut] = []
        self.shortest = float("inf")
        self.longest = 0.0
        self._begin = 0.0
        self._last = 0.0
        self._end = 0.0

    def observe(self, frame: Frame, shot_start: bool) -> None:
        """Count one frame."""
        now = frame.seconds
        length = float(frame.duration * frame.time_base)
        if self.frames == 0:
            self._begin = self._end = now
        else:
            step = now - self._last
            self.shortest = min(self.shortest, step)
            self.longest = max(self.longest, step)
            # Where the container gives no duration, the frame before tells how long one is.
            length = length or step
            if shot_start:
                self.cuts.append(Cut(frame.index, now))
        self._last = now
        self._end = max(self._end, now + length)
        self.frames += 1
        self.colourless += frame.colourless
        self.flickering += frame.flicker is not None or frame.deflickered
        self.deflickered += frame.deflickered

    @property
    def pictures(self) -> dict[str, object]:
        """Frames by what is true of their picture: black and white, flickering, made steady."""
        return {
            "colourless_frames": self.colourless,
            "flickering_frames": self.flickering,
            "deflickered_frames": self.deflickered,
        }

    @property
    def duration(self) -> float:
        """Seconds from the first frame's time to the end of the last one."""
        return self._end - self._begin


class ReportBuilder:
    """Watches finished frames go by and tells what was done to them.

    ``observe``, ``progress`` and ``finish`` belong to one thread; ``warn`` may be called from any.
    Memory: 24 bytes per restored face.
    """

    def __init__(self) -> None:
        self._clock = _Clock()
        self._tracks: dict[int, TrackRecord] = {}
        self._faces = 0
        self._frames_restored = 0
        self._frames_without = 0
        self._left: Counter[Reason] = Counter()
        self._warnings: dict[str, None] = {}

    def observe(self, pasted: PastedFrame) -> None:
        """Count one finished frame; call it in order of frames."""
        frame = pasted.frame
        self._clock.observe(frame, pasted.shot_start)
        told: tuple[Region | LeftAlone, ...] = (*pasted.regions, *pasted.left)
        for face in told:
            self._tracks.setdefault(face.track_id, TrackRecord()).observe(frame, face)
        seen = [face.reason for face in pasted.left if face.reason != Reason.UNSEEN]
        self._left.update(seen)
        self._faces += len(pasted.regions)
        self._frames_restored += bool(pasted.regions)
        self._frames_without += not (pasted.regions or seen)

    def warn(self, text: str) -> None:
        """Note something that the user should know; the same text is kept once."""
        self._warnings.setdefault(text)

    def progress(self, frames_total: int | None, seconds: float, frames_taken: int = 0) -> Progress:
        """How far the job is after ``seconds``, out of an estimated total."""
        return Progress(self._clock.frames, frames_total, self._faces, seconds, frames_taken)

    def finish(
        self,
        *,
        source: str,
        output: str,
        frames_in: int,
        model: ModelUsed,
        settings: Mapping[str, object],
        timing: Mapping[str, float],
        version: str,
        device: str,
        precision: str,
        started: datetime,
        seconds: float,
        streams: Sequence[Mapping[str, object]] = (),
        picture: Mapping[str, object] | None = None,
        damage: Sequence[Mapping[str, object]] = (),
    ) -> Report:
        """The report of everything observed; the arguments are explained at ``Report``."""
        return Report(
            input=source,
            output=output,
            frames_in=frames_in,
            frames_out=self._clock.frames,
            duration=self._clock.duration,
            faces=self._faces,
            frames_restored=self._frames_restored,
            frames_without_faces=self._frames_without,
            left_alone={reason: self._left[reason] for reason in Reason if self._left[reason]},
            tracks=tuple(
                self._tracks[key].report(key)
                for key in sorted(self._tracks)
                if self._tracks[key].seen
            ),
            cuts=tuple(self._clock.cuts),
            model=model,
            settings=settings,
            timing=timing,
            warnings=tuple(self._warnings),
            version=version,
            device=device,
            precision=precision,
            started=started,
            seconds=seconds,
            streams=tuple(streams),
            picture={**(picture or {}), **self._clock.pictures},
            damage=tuple(damage),
        )


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
        self._clock = _Clock()
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
        picture: Mapping[str, object] | None = None,
        damage: Sequence[Mapping[str, object]] = (),
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
