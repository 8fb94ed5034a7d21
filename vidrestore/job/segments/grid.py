"""Where a video is divided: a function of its packets' times and of the options, nothing else."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Self

from vidrestore.config import TemporalConfig
from vidrestore.temporal import blended_over
from vidrestore.video import Segment, Span, Timetable

_SETTLE: Final = 8
"""Frames in which tracks and landmarks settle, before any that are averaged."""
_THROUGH: Final = 8
"""Times as long are segments of files that must be decoded from their beginning each time."""
_SNAP: Final = Fraction(1, 4)
"""Parts of a segment by which its end may move to a keyframe: many shots begin with one."""
# From so many keyframes before the first frame needed a file is decoded: one alone may be where
# pictures are only renewed step by step, or refer to what lies before it.
_KEYS_BACK: Final = 2


@dataclass(frozen=True, slots=True)
class Around:
    """Frames on either side of a segment that are read with it.

    Attributes:
        context: that are looked at; they are not restored, so that they cost a sixth of a frame.
        beside: of these, that are restored too, as ``Blend`` takes results from as many.
    """

    context: int
    beside: int

    @classmethod
    def of(cls, options: TemporalConfig) -> Self:
        """As many as averaging and blending see with these options."""
        beside = blended_over(options.reach)
        return cls(options.rest + beside + _SETTLE, beside)


def divide(
    table: Timetable,
    seconds: float,
    around: Around,
    begin: Fraction | None = None,
    end: Fraction | None = None,
) -> tuple[Segment, ...]:
    """Divide a range of a video.

    Args:
        table: the video's pictures.
        seconds: length of a segment; 0 does not divide.
        around: how many frames beside a segment are read with it.
        begin: time of the first frame asked for; None is the file's.
        end: before which the last one begins; None is the file's end.

    Returns:
        Segments in order, together all of the range; at least one.
    """
    times = table.times
    first = 0 if begin is None else bisect_left(times, begin)
    stop = len(times) if end is None else bisect_left(times, end)
    length = Fraction(seconds) * (1 if table.exact else _THROUGH)
    starts = (
        _starts(table, first, stop, length, 2 * around.beside) if length and first < stop else []
    )
    edges = [first, *starts, stop]
    return tuple(_segment(table, edges, number, around) for number in range(len(edges) - 1))


def _starts(table: Timetable, first: int, stop: int, length: Fraction, least: int) -> list[int]:
    """Indices of the first frames of all segments but the first; each has more than ``least``."""
    times, starts = table.times, []
    last, whole = first, times[stop - 1] - times[first]
    count = max(1, int(whole / length + Fraction(1, 2)))
    for number in range(1, count):
        nominal = times[first] + number * length
        at = _nearest_key(table, nominal, length * _SNAP)
        at = bisect_left(times, nominal) if at is None else at
        if last + least < at < stop - least:
            starts.append(at)
            last = at
    return starts


def _nearest_key(table: Timetable, time: Fraction, most: Fraction) -> int | None:
    times = table.times
    near = range(bisect_left(times, time - most), bisect_left(times, time + most))
    keys = [index for index in near if table.keys[index]]
    return min(keys, key=lambda index: (abs(times[index] - time), index), default=None)


def _segment(table: Timetable, edges: Sequence[int], number: int, around: Around) -> Segment:
    """The frames from one edge to before the next."""
    first, stop = edges[0], edges[-1]
    begin, end = edges[number], edges[number + 1]
    times = table.times

    def wider(frames: int) -> Span:
        low, high = begin - frames, end + frames
        return Span(
            times[low] if begin > first and low > first else None,
            times[high] if end < stop and high < stop else None,
        )

    context = wider(around.context)
    return Segment(
        number,
        result=Span(times[begin] if begin > first else None, times[end] if end < stop else None),
        beside=wider(around.beside),
        context=context,
        last=times[end - 1] if end < stop else None,
        before=times[begin - 1] if begin > first else None,
        landing=_landing(table, context.begin),
        frames=end - begin,
    )


def _landing(table: Timetable, begin: Fraction | None) -> Fraction | None:
    """Where to decode from for a frame of that time; None from the beginning."""
    if begin is None or not table.exact:
        return None
    before: Sequence[int] = [
        index for index in range(bisect_left(table.times, begin) + 1) if table.keys[index]
    ]
    return table.times[before[-_KEYS_BACK]] if len(before) >= _KEYS_BACK else None
