"""The piece of a source that is copied, and its place in the result."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import av
from av.stream import Stream


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of the source's time, and how far it is moved.

    Attributes:
        begin: absolute seconds; None for the start of the file.
        end: absolute seconds; None for the end of the file.
        shift: seconds subtracted from every time stamp.
    """

    begin: Fraction | None = None
    end: Fraction | None = None
    shift: Fraction = Fraction(0)

    def cut(self, packet: av.Packet[Stream]) -> bool:
        """Bring a packet to the result's time; return whether it lies in the piece."""
        if self == Window():
            return True
        if packet.pts is None:
            return False
        base, pts, duration = packet.time_base, packet.pts, packet.duration or 0
        if self.end is not None and pts * base >= self.end:
            return False
        if self.begin is not None and pts * base < self.begin:
            if packet.stream.type != "subtitle" or (pts + duration) * base <= self.begin:
                return False
            # A line already on screen is shown from the first frame on.
            late = math.ceil(self.begin / base) - pts
            pts, duration = pts + late, duration - late
            packet.dts, packet.duration = pts, duration
        if self.end is not None and packet.stream.type == "subtitle":
            # One that is on screen at the end goes with the last frame.
            packet.duration = min(duration, math.ceil(self.end / base) - pts)
        moved = round(self.shift / base)
        packet.pts = pts - moved
        if packet.dts is not None:
            packet.dts -= moved
        return True
