"""Film out of 3:2 pulldown: five pictures become the four that were filmed.

FFmpeg's fieldmatch puts the fields of each film frame together again, bwdif mends what stays
combed, and decimate drops the picture in five that is a repetition. Their times are not used: four
pictures share the time of five, exactly, from one cycle to the next, so nothing drifts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Protocol

import av

from vidrestore.config import InterlacedConfig
from vidrestore.errors import InputError
from vidrestore.video.facts.timing import Slot
from vidrestore.video.fields.deinterlace import Deinterlacer, Shown
from vidrestore.video.fields.fieldmatch import DeepFieldmatch, shallow
from vidrestore.video.fields.scan import Placed, Scan
from vidrestore.video.pixels.graph import FilterChain

CYCLE, KEPT = 5, 4
# What fieldmatch takes without converting.
_FORMATS = frozenset({"yuv410p", "yuv411p", "yuv420p", "yuv422p", "yuv444p"})


class _Chain(Protocol):
    def push(self, picture: av.VideoFrame) -> list[av.VideoFrame]: ...
    def flush(self) -> list[av.VideoFrame]: ...


class _Two:
    """One chain behind the other."""

    def __init__(self, first: _Chain, second: _Chain) -> None:
        self._first, self._second = first, second

    def push(self, picture: av.VideoFrame) -> list[av.VideoFrame]:
        return [made for each in self._first.push(picture) for made in self._second.push(each)]

    def flush(self) -> list[av.VideoFrame]:
        made = [made for each in self._first.flush() for made in self._second.push(each)]
        return made + self._second.flush()


class Pulldown:
    """Removes 3:2 pulldown.

    Args:
        found: what the first seconds showed.

    Attributes:
        parts: into how many units the source's unit of time is divided.
        rate: pictures given for each one taken.
    """

    parts = KEPT
    rate = Fraction(KEPT, CYCLE)

    def __init__(self, found: Scan) -> None:
        self._order = {"top": "tff", "bottom": "bff"}[found.order]
        self._slots: deque[Slot] = deque()
        self._made: deque[av.VideoFrame] = deque()
        self._pushed = 0

    def __call__(self, pictures: Iterable[Placed]) -> Iterator[Shown]:
        """The film's frames, in order, times in quarters of the source's unit.

        Raises:
            InputError: if pictures of this format cannot be matched.
        """
        chain: _Chain | None = None
        for picture, slot in pictures:
            if chain is None:
                chain = self._opened(picture)
            # Only their order matters to the filters.
            picture.pts = self._pushed
            self._pushed += 1
            self._slots.append(slot)
            self._made.extend(chain.push(picture))
            yield from self._cycles()
        if chain is not None:
            self._made.extend(chain.flush())
            yield from self._cycles()
            yield from self._rest()

    def _opened(self, picture: av.VideoFrame) -> _Chain:
        name = picture.format.name
        filters = [
            ("bwdif", "mode=send_frame:parity=auto:deint=interlaced"),
            ("decimate", ""),
        ]
        if name in _FORMATS:
            filters.insert(0, ("fieldmatch", f"order={self._order}:combmatch=full"))
        elif shallow(name) is None:
            raise InputError(
                f"pulldown cannot be removed from {name} video; leave out interlaced.pulldown"
            )
        rest = FilterChain(picture, filters, Fraction(1, 25), Fraction(25))
        return rest if name in _FORMATS else _Two(DeepFieldmatch(picture, self._order), rest)

    def _cycles(self) -> Iterator[Shown]:
        """Whole cycles whose following picture is known."""
        while len(self._made) >= KEPT and len(self._slots) > CYCLE:
            begin, end = self._slots[0].pts, self._slots[CYCLE].pts
            guessed = any(self._slots[n].guessed for n in range(CYCLE))
            for number in range(KEPT):
                # In quarters of the unit a cycle of d units lasts 4 d, and each picture d.
                slot = Slot(KEPT * begin + number * (end - begin), end - begin, guessed)
                yield self._shown(slot)
            for _ in range(CYCLE):
                self._slots.popleft()

    def _rest(self) -> Iterator[Shown]:
        """The last cycle, which may be cut short: its pictures share what time is left."""
        if not self._made:
            return
        first, last = self._slots[0], self._slots[-1]
        length = KEPT * (last.pts + last.duration - first.pts)
        count = len(self._made)
        for number in range(count):
            begin, end = length * number // count, length * (number + 1) // count
            slot = replace(first, pts=KEPT * first.pts + begin, duration=end - begin)
            yield self._shown(slot)

    def _shown(self, slot: Slot) -> Shown:
        return Shown(self._made.popleft(), slot, deinterlaced=1)


def treatment(config: InterlacedConfig, scan: Scan) -> Deinterlacer | Pulldown:
    """What makes frames of pictures that were scanned so, as the options ask."""
    removable = scan.kind == "telecined" and config.mode in {"auto", "always"}
    if config.pulldown == "remove" and removable:
        return Pulldown(scan)
    return Deinterlacer(config, scan)
