"""Giving every frame a place in time, whatever the file says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Slot:
    """A frame's time, in units of the stream's time base.

    Attributes:
        pts: strictly above the frame's before.
        duration: 0 where nothing is known.
        guessed: whether the file had no usable time.
    """

    pts: int
    duration: int
    guessed: bool

    def until(self, following: int, *, exactly: bool) -> Slot:
        """The same moment, lasting no longer than to the next one.

        Args:
            following: pts of the next frame.
            exactly: whether it lasts just that long, whatever the container says.
        """
        gap = following - self.pts
        # Rounding may make neighbours overlap by one unit; that is left as it is.
        if (exactly and self.duration) or self.duration > gap + 1:
            return replace(self, duration=gap)
        return self


class Clock:
    """Repairs time stamps: what the file says is kept, gaps in what it says are bridged.

    Args:
        time_base: seconds per unit.
        rate: average frames per second, if known; bridges a missing time where no duration does.
    """

    def __init__(self, time_base: Fraction, rate: Fraction | None) -> None:
        self._step = max(1, round(1 / (rate * time_base))) if rate else 1
        self._last: Slot | None = None

    def place(self, pts: int | None, dts: int | None, duration: int) -> Slot:
        """The time of the next frame in presentation order.

        Args:
            pts: the frame's own; None if it has none.
            dts: decoding time of the packet that completed it; a guess where ``pts`` is missing.
            duration: as the container says; 0 or less if it does not.
        """
        duration = max(0, duration)
        if pts is None and 0 < 2 * duration < self._step:
            # FFmpeg says one tick where it knows nothing, as of raw streams without timing.
            duration = self._step
        last = self._last
        floor = None if last is None else last.pts + (last.duration or self._step)
        guessed = pts is None or (last is not None and pts <= last.pts)
        if guessed:
            known = dts if pts is None else None
            if floor is None:
                pts = known or 0
            else:
                pts = (
                    known if known is not None and last is not None and known > last.pts else floor
                )
        assert pts is not None
        slot = Slot(pts, duration, guessed)
        self._last = slot
        return slot
