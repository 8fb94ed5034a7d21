"""SMPTE timecode (ST 12-1): counting frames, also where some numbers are dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_CODE = re.compile(r"(\d\d):([0-5]\d):([0-5]\d)([:;.])(\d\d\d?)")
_DAY_MINUTES = 24 * 60
# Of each minute but every tenth, so many numbers per 30 frames a second are left out.
_DROPPED, _DROPPING, _TENTH = 2, 30, 10


@dataclass(frozen=True, slots=True)
class Timecode:
    """The address of one frame.

    Attributes:
        number: frames since 00:00:00:00.
        rate: frames per second.
        drop: whether numbers are dropped, so that addresses keep up with the clock at 29.97 frames
            a second and its multiples.
    """

    number: int
    rate: Fraction
    drop: bool

    @property
    def _nominal(self) -> int:
        return round(self.rate)

    @property
    def _dropped(self) -> int:
        """Numbers left out of a minute that drops any."""
        return _DROPPED * (self._nominal // _DROPPING) if self.drop else 0

    @classmethod
    def parse(cls, text: str, rate: Fraction) -> Timecode | None:
        """The frame that a tag such as "01:02:03;04" names; None if it is none at this rate."""
        found = _CODE.fullmatch(text.strip())
        nominal = round(rate)
        if found is None or nominal < 1 or int(found[5]) >= nominal:
            return None
        hours, minutes, seconds, frames = (int(found[n]) for n in (1, 2, 3, 5))
        drop = found[4] != ":" and nominal % _DROPPING == 0
        minutes += hours * 60
        zero = cls(0, rate, drop)
        left_out = zero._dropped * (minutes - minutes // _TENTH)
        return cls((minutes * 60 + seconds) * nominal + frames - left_out, rate, drop)

    def later(self, seconds: Fraction) -> Timecode:
        """The frame that comes so much later; negative for earlier."""
        return Timecode(self.number + round(seconds * self.rate), self.rate, self.drop)

    def at(self, rate: Fraction) -> Timecode:
        """The same moment where there are other frames per second."""
        number = round(self.number * rate / self.rate)
        return Timecode(number, rate, self.drop and round(rate) % _DROPPING == 0)

    def __str__(self) -> str:
        """As a tag, wrapped at midnight."""
        nominal, dropped = self._nominal, self._dropped
        minute = nominal * 60 - dropped
        ten = _TENTH * minute + dropped
        tens, rest = divmod(self.number % (ten * (_DAY_MINUTES // _TENTH)), ten)
        # The first minute of ten is whole; each later one begins at the number after those dropped.
        late = max(0, (rest - dropped) // minute)
        count = rest + late * dropped
        seconds, frames = divmod(count, nominal)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(tens * _TENTH + minutes, 60)
        return f"{hours:02}:{minutes:02}:{seconds:02}{';' if self.drop else ':'}{frames:02}"
