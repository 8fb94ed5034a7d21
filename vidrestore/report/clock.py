"""The time that frames cover, and the cuts among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from vidrestore.datatypes import Frame, PictureFacts
from vidrestore.report.types import Cut


class Clock:
    """Time covered by the frames seen, and the cuts among them.

    Frames are counted from the first one seen, whatever their own indices.
    """

    def __init__(self) -> None:
        self.frames = 0
        self.colourless = 0
        self.flickering = 0
        self.deflickered = 0
        self.repaired = 0
        self.cuts: list[Cut] = []
        self.shortest = float("inf")
        self.longest = 0.0
        self._begins_shot = False
        self._no_duration = False  # whether the first frame tells no duration
        self._begin = 0.0
        self._last = 0.0
        self._end = 0.0

    def observe(self, frame: Frame, shot_start: bool) -> None:
        """Count one frame."""
        now = frame.seconds
        length = float(frame.duration * frame.time_base)
        if self.frames == 0:
            self._begin = self._end = now
            self._begins_shot, self._no_duration = shot_start, not length
        else:
            length = self._step(now, length)
            if shot_start:
                self.cuts.append(Cut(self.frames, now))
        self._last = now
        self._end = max(self._end, now + length)
        self.frames += 1
        self.colourless += frame.colourless
        self.flickering += frame.flicker is not None or frame.deflickered
        self.deflickered += frame.deflickered
        self.repaired += frame.repaired

    def _step(self, now: float, length: float) -> float:
        """Go on to a frame; the step tells how long one is where the container does not."""
        step = now - self._last
        self.shortest = min(self.shortest, step)
        self.longest = max(self.longest, step)
        return length or step

    def extend(self, later: Clock) -> None:
        """Count the frames that follow."""
        if not later.frames:
            return
        if not self.frames:
            vars(self).update(vars(later))
            return
        step = self._step(later._begin, 0.0)
        end = max(later._end, later._begin + step) if later._no_duration else later._end
        if later._begins_shot:
            self.cuts.append(Cut(self.frames, later._begin))
        self.cuts += [Cut(cut.frame + self.frames, cut.time) for cut in later.cuts]
        self.shortest = min(self.shortest, later.shortest)
        self.longest = max(self.longest, later.longest)
        self._last, self._end = later._last, max(self._end, end)
        self.frames += later.frames
        self.colourless += later.colourless
        self.flickering += later.flickering
        self.deflickered += later.deflickered
        self.repaired += later.repaired

    def as_dict(self) -> dict[str, object]:
        """What JSON can hold; ``from_dict`` reads it."""
        one = self.frames < 2  # there is no step yet
        return {
            "frames": self.frames,
            "pictures": [self.colourless, self.flickering, self.deflickered, self.repaired],
            "cuts": [[cut.frame, cut.time] for cut in self.cuts],
            "steps": None if one else [self.shortest, self.longest],
            "first": [self._begins_shot, self._no_duration],
            "times": [self._begin, self._last, self._end],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The clock that ``as_dict`` gave."""
        clock = cls()
        clock.frames = data["frames"]
        clock.colourless, clock.flickering, clock.deflickered, clock.repaired = data["pictures"]
        clock.cuts = [Cut(*cut) for cut in data["cuts"]]
        if data["steps"] is not None:
            clock.shortest, clock.longest = data["steps"]
        clock._begins_shot, clock._no_duration = data["first"]
        clock._begin, clock._last, clock._end = data["times"]
        return clock

    @property
    def pictures(self) -> PictureFacts:
        """Frames by what is true of their picture, and by what was done to all of it."""
        return {
            "colourless_frames": self.colourless,
            "flickering_frames": self.flickering,
            "deflickered_frames": self.deflickered,
            "repaired_frames": self.repaired,
        }

    @property
    def duration(self) -> float:
        """Seconds from the first frame's time to the end of the last one."""
        return self._end - self._begin
