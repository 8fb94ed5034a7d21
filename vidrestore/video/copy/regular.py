"""Whether a file's pictures follow each other at one rate, and its sounds without a gap.

AVI cannot hold others; the times of all packets are looked at before any work.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
import av.error
from av.stream import Discard

from vidrestore.errors import OutputError
from vidrestore.video.copy.avi import IN_STEP, INSTEAD, JITTER, LONGEST_GAP, SOUND, Grid
from vidrestore.video.demux.files import open_input
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.sound.times import samples

_RATES = tuple(
    Fraction(number, 1001 if number % 1000 == 0 else 1)
    for number in (24_000, 24, 25, 30_000, 30, 50, 60_000, 60)
)


@dataclass(frozen=True)
class Regular:
    """What AVI can hold of a file.

    Attributes:
        rate: pictures per second of the result.
        unfit: of each sound that does not begin with the picture or has gaps, by its stream's
            number, how it is so.
    """

    rate: Fraction
    unfit: dict[int, str]


def examine(media: MediaInfo, start: Fraction | None, end: Fraction | None) -> Regular:
    """Look at the times of all packets between ``start`` and ``end``, as jobs are cut.

    Args:
        media: the file as its pictures will be delivered.
        start: seconds from the file's beginning; None for all.
        end: likewise.

    Raises:
        OutputError: if the pictures do not follow each other at one rate, or are turned.
    """
    if media.picture.display_matrix is not None:
        raise OutputError("avi files cannot say that a picture is turned; name the output *.mp4")
    limits = (
        None if start is None else media.start + start,
        None if end is None else media.start + end,
    )
    pictures = array("q")
    sounds = {
        s.index: _Sound()
        for s in media.streams
        if s.sound is not None and s.sound.sample_rate and s.codec in SOUND
    }
    base = Fraction(0)
    for packet in _packets(media, [media.restored, *sounds]):
        time = packet.dts if packet.pts is None else packet.pts
        if time is None or not _within(time * packet.time_base, limits):
            continue
        if packet.stream_index in sounds:
            sounds[packet.stream_index].observe(packet, time)
        elif not packet.is_discard:
            base = packet.time_base
            pictures.append(time)
    times = sorted(pictures)
    if not times:
        raise OutputError(f"the pictures of the source tell no times; {INSTEAD}")
    wide = next((a for a, b in pairwise(times) if (b - a) * base > LONGEST_GAP), None)
    if wide is not None:
        raise OutputError(f"no picture follows for hours at {float(wide * base):.3f} s; {INSTEAD}")
    rate = _rate(media, [time * base for time in times])
    first = times[0] * base
    reasons = {index: sound.unfit(first) for index, sound in sounds.items()}
    return Regular(rate, {index: why for index, why in reasons.items() if why is not None})


def _packets(media: MediaInfo, wanted: list[int]) -> Iterator[av.Packet[Any]]:
    """Packets of some streams, as far as the file can be read."""
    with open_input(media.path, media.limits) as container:
        for stream in container.streams:
            if stream.index not in wanted:
                stream.discard = Discard.all
        packets = container.demux(*(container.streams[index] for index in wanted))
        while True:
            try:
                packet = next(packets, None)
            except (av.error.FFmpegError, OSError):
                # Met again, and reported, when the file is read for good.
                return
            if packet is None:
                return
            if packet.size:
                yield packet


def _within(time: Fraction, limits: tuple[Fraction | None, Fraction | None]) -> bool:
    begin, end = limits
    return (begin is None or time >= begin) and (end is None or time < end)


def _rate(media: MediaInfo, times: list[Fraction]) -> Fraction:
    """Pictures per second of the result.

    Raises:
        OutputError: if there is no one rate; the line names a place.
    """
    claimed = media.picture.rate
    # What is taken out of 3:2 pulldown was five pictures for each four.
    candidates = [(rate, rate) for rate in (claimed, *_RATES) if rate is not None]
    if claimed is not None:
        candidates.insert(1, (claimed * 5 / 4, claimed))
    worst = Fraction(0)
    for found, delivered in candidates:
        grid = Grid(found, times[0])
        stray = next((time for time in times if grid.place(time) is None), None)
        if stray is None:
            return delivered
        worst = max(worst, stray)
    raise OutputError(
        f"avi files hold one frame rate, and this one changes at {float(worst):.3f} s; {INSTEAD}"
    )


class _Sound:
    """Whether a sound is one piece."""

    def __init__(self) -> None:
        self._first: Fraction | None = None
        self._end = Fraction(0)
        self._gap: Fraction | None = None

    def observe(self, packet: av.Packet[Any], time: int) -> None:
        at = time * packet.time_base
        if self._first is None:
            self._first = self._end = at
        if self._gap is None and abs(at - self._end) > IN_STEP:
            self._gap = min(at, self._end)
        context = packet.stream.codec_context
        held = samples(packet, context)
        length = (packet.duration or 0) * packet.time_base
        if held is not None and abs(Fraction(held, context.sample_rate) - length) < JITTER:
            length = Fraction(held, context.sample_rate)
        self._end += length

    def unfit(self, picture: Fraction) -> str | None:
        """Why it cannot go on beside a picture that begins then; None if it can."""
        if self._gap is not None:
            return f"which has a gap at {float(self._gap):.3f} s"
        late = Fraction(0) if self._first is None else self._first - picture
        if abs(late) <= IN_STEP:
            return None
        side = "after" if late > 0 else "before"
        return f"which begins {float(abs(late)):.3f} s {side} the picture"
