"""Collecting what a job did from the frames as they pass, so that its counts are what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, Self

from vidrestore.datatypes import (
    DamageEntry,
    LeftAlone,
    PastedFrame,
    PictureFacts,
    Reason,
    Region,
    StreamFate,
)
from vidrestore.report.clock import Clock
from vidrestore.report.progress import Progress
from vidrestore.report.run import this_run
from vidrestore.report.track_record import TrackRecord
from vidrestore.report.types import CopyMade, Fixity, ModelUsed, Report, Resumed


class Facts:
    """Watches finished frames go by and knows what was done to them.

    Those of a job's segments are put together by ``extend``, and go through JSON on the way
    (``as_dict``, ``from_dict``). Frames are counted from the first one observed. Memory: 24 bytes
    per restored face.

    ``observe``, ``progress`` and ``finish`` belong to one thread; ``warn`` may be called from any.
    """

    def __init__(self) -> None:
        self._clock = Clock()
        self._tracks: dict[int, TrackRecord] = {}
        self._faces = 0
        self._frames_restored = 0
        self._frames_without = 0
        self._left: Counter[Reason] = Counter()
        self._boil, self._boil_frames = 0.0, 0
        self._warnings: dict[str, None] = {}

    @property
    def frames(self) -> int:
        """Frames so far."""
        return self._clock.frames

    @property
    def faces(self) -> int:
        """Faces written so far."""
        return self._faces

    def observe(self, pasted: PastedFrame) -> None:
        """Count one finished frame; call it in order of frames."""
        index, now = self._clock.frames, pasted.frame.seconds
        self._clock.observe(pasted.frame, pasted.shot_start)
        results: tuple[Region | LeftAlone, ...] = (*pasted.regions, *pasted.left)
        for face in results:
            self._tracks.setdefault(face.track_id, TrackRecord()).observe(index, now, face)
        seen = [face.reason for face in pasted.left if face.reason != Reason.UNSEEN]
        self._left.update(seen)
        self._faces += len(pasted.regions)
        self._frames_restored += bool(pasted.regions)
        self._frames_without += not (pasted.regions or seen)

    def boiled(self, levels: float, frames: int) -> None:
        """Add how restless redrawing made what rests: a sum over frames, and of how many."""
        self._boil += levels
        self._boil_frames += frames

    def extend(self, later: Facts, ids: Mapping[int, int]) -> None:
        """Add what was done to the frames that follow.

        Args:
            later: facts of these.
            ids: of each of their tracks, what it is called here.
        """
        offset = self._clock.frames
        self._clock.extend(later._clock)
        for number, record in later._tracks.items():
            self._tracks.setdefault(ids[number], TrackRecord()).extend(record, offset)
        self._left.update(later._left)
        self.boiled(later._boil, later._boil_frames)
        self._faces += later._faces
        self._frames_restored += later._frames_restored
        self._frames_without += later._frames_without

    def track_ids(self) -> list[int]:
        """Of all tracks, in ascending order: that of their first appearance."""
        return sorted(self._tracks)

    def as_dict(self) -> dict[str, object]:
        """What JSON can hold, but for warnings; ``from_dict`` reads it."""
        return {
            "clock": self._clock.as_dict(),
            "tracks": {str(key): self._tracks[key].as_dict() for key in sorted(self._tracks)},
            "faces": self._faces,
            "frames_restored": self._frames_restored,
            "frames_without": self._frames_without,
            "left": {reason.value: count for reason, count in sorted(self._left.items())},
            "boil": [self._boil, self._boil_frames],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The facts that ``as_dict`` gave."""
        facts = cls()
        facts._clock = Clock.from_dict(data["clock"])
        facts._tracks = {
            int(key): TrackRecord.from_dict(record) for key, record in data["tracks"].items()
        }
        facts._faces = data["faces"]
        facts._frames_restored = data["frames_restored"]
        facts._frames_without = data["frames_without"]
        facts._left = Counter({Reason(key): count for key, count in data["left"].items()})
        facts.boiled(*data["boil"])
        return facts

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
        settings: Mapping[str, Mapping[str, Any]],
        timing: Mapping[str, float],
        version: str,
        device: str,
        precision: str,
        started: datetime,
        seconds: float,
        streams: Sequence[StreamFate] = (),
        picture: PictureFacts | None = None,
        damage: Sequence[DamageEntry] = (),
        resumed: Resumed | None = None,
        fixity: Fixity | None = None,
        start: Fraction | None = None,
        end: Fraction | None = None,
        copies: Sequence[CopyMade] = (),
        inpainting: ModelUsed | None = None,
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
            picture={**(picture or {}), **self._clock.pictures, **self._background()},
            damage=tuple(damage),
            resumed=resumed or Resumed(),
            fixity=fixity,
            start=start,
            end=end,
            run=this_run(source, output),
            copies=tuple(copies),
            inpainting=inpainting,
        )

    def _background(self) -> PictureFacts:
        if not self._boil_frames:
            return {}
        return {"background_boil": round(self._boil / self._boil_frames, 3)}
