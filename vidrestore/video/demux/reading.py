"""Packets of an open file, past what cannot be read; tells what the container lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import chain, islice
from typing import Any

import av
import av.container
import av.error
from av.stream import Discard, Stream

from vidrestore.video.containers.indexed import IndexedTimes
from vidrestore.video.demux.files import READ_ERRORS, reason
from vidrestore.video.facts.damage import Damage

# Containers whose packets lie one behind the other, and the most bytes between two of them that a
# whole file was seen to have, with room to spare. More means that a stretch was passed over.
_BETWEEN = {"matroska,webm": 64, "avi": 256, "flv": 256, "mxf": 4096}
# Seconds and bytes, tried in turn, by which what cannot be read is jumped over.
_AHEAD = tuple(map(Fraction, ("0.02", "0.2", "1", "2", "5", "10", "20", "60", "300")))
_FURTHER = (1 << 12, 1 << 16, 1 << 20, 1 << 24)
# So near to the end, in seconds, FFmpeg's error is the one that was met before: it keeps it.
_SLACK = Fraction(1, 5)
# So many packets behind where reading stopped may come after a jump, before it counts as failed.
_MOST_STALE = 2000


class Reader:
    """Reads packets of some streams of a file in its order.

    FFmpeg's demuxers find their way after most damage by themselves, and say nothing of what they
    passed over. It shows in how far apart the packets lie, so all streams of such a container are
    looked at, whichever are wanted.

    Args:
        container: the open file.
        wanted: the streams whose packets are given out; at least one.
        damage: where losses are noted.
        look: whether to look for what the container lost.
        jump: whether to jump over what cannot be read.

    Attributes:
        passed: times at which packets of the main wanted stream arrived damaged, or go on behind
            bytes that were passed over, seconds; whoever has used one takes it out.
        end: the latest end of a packet so far, over all streams looked at, seconds.
        complete: whether all streams are looked at.
    """

    def __init__(
        self,
        container: av.container.InputContainer,
        wanted: Sequence[Stream],
        damage: Damage,
        *,
        look: bool = True,
        jump: bool = True,
    ) -> None:
        self._container = container
        self._wanted = {stream.index for stream in wanted}
        # Subtitles come too seldom to tell how far reading has come.
        self._main = next((s for s in wanted if s.type in {"video", "audio"}), wanted[0])
        self._damage = damage
        self._jump = jump
        self._between = _BETWEEN.get(container.format.name) if look else None
        self.complete = self._between is not None
        self.passed: list[Fraction] = []
        self.end = Fraction(0)
        self._times = IndexedTimes(container) if container.format.name == "avi" else None
        self._at: int | None = None
        self._jumped: set[int] = set()
        self._due: dict[int, int] = {}
        self._reached: dict[int, int] = {}
        self._stale: dict[int, int] = {}
        for stream in container.streams:
            if not self.complete and stream.index not in self._wanted:
                # Looked at by another reader; skipping them saves time.
                stream.discard = Discard.all

    def __iter__(self) -> Iterator[av.Packet[Any] | None]:
        """Packets; None, or packets without data, where a decoder has to give out what it holds.

        Where the file cannot be read on, what lies behind is looked for; if nothing is found,
        reading ends and ``damage.stopped`` says why.
        """
        self._at = None
        packets = self._packets()
        while True:
            try:
                packet = next(packets, None)
            except READ_ERRORS as error:
                # What came before the damage is good, and so is what a decoder still holds.
                self.passed.append(self._time())
                yield None
                onward = self._resumed(error)
                if onward is None:
                    return
                packets = onward
                continue
            if packet is None:
                return
            if self._times is not None:
                self._times.settle(packet)
            if self._again(packet):
                continue
            if packet.size:
                self._look(packet)
            # What flushes a decoder bears its stream's number there alone.
            if packet.stream.index in self._wanted:
                yield packet

    def _packets(self) -> Iterator[av.Packet[Any]]:
        streams = self._container.streams
        return iter(self._container.demux([s for s in streams if self._seen(s.index)]))

    def _seen(self, index: int) -> bool:
        return self.complete or index in self._wanted

    def _look(self, packet: av.Packet[Any]) -> None:
        """Whether anything is missing before this packet."""
        index, base = packet.stream_index, packet.time_base
        if packet.is_corrupt and index in self._wanted:
            self._damage.note("flagged", _when(packet), index)
            self._pass(packet)
        if packet.pos is not None:
            between = packet.pos - self._at if self._at is not None else 0
            if self._between is not None and between > self._between:
                self._jumped = {stream.index for stream in self._container.streams}
            # Matroska keeps alpha and HDR10+ behind the packet that they belong to.
            beside = sum(data.buffer_size for data in packet.iter_sidedata())
            self._at = max(self._at or 0, packet.pos + packet.size + beside)
        time = packet.dts if packet.pts is None else packet.pts
        if time is None:
            return
        length = packet.duration or 0
        self.end = max(self.end, (time + length) * base)
        done = time if packet.dts is None else packet.dts
        self._reached[index] = max(self._reached.get(index, done), done)
        if index in self._jumped:
            self._jumped.discard(index)
            self._pass(packet)
            if index != self._main.index and packet.stream.type == "audio":
                self._silence(packet, time, length)
        self._due[index] = time + length

    def _pass(self, packet: av.Packet[Any]) -> None:
        """Something was wrong just before this packet."""
        time = _when(packet)
        if time is not None and packet.stream_index == self._main.index:
            self.passed.append(time)

    def _silence(self, packet: av.Packet[Any], time: int, length: int) -> None:
        """Tell how many packets of sound were lost, by its regular pace."""
        due = self._due.get(packet.stream_index)
        if due is not None and length and (lost := round(Fraction(time - due, length))) > 0:
            first, last = due * packet.time_base, (time - length) * packet.time_base
            self._damage.note("missing", first, packet.stream_index, until=last, count=lost)

    def _resumed(self, error: BaseException) -> Iterator[av.Packet[Any]] | None:
        """Packets from behind what cannot be read; None if there are none."""
        if isinstance(error, IndexError):
            # PyAV trips over streams that appeared on the way, once all has been read.
            return None
        begun, end = self._time(), self._promised()
        if self._damage.count("unread") and end is not None and begun >= end - _SLACK:
            return None
        for jump in self._jumps(begun, end) if self._jump else ():
            try:
                jump()
                packets = self._packets()
                fresh = self._first_new(packets)
            except READ_ERRORS:
                continue
            if fresh is not None:
                self._damage.note("unread", begun, self._main.index, until=_when(fresh))
                self._pass(fresh)
                self._stale = dict(self._reached)
                return chain([fresh], packets)
        self._damage.stopped = reason(error)
        return None

    def _again(self, packet: av.Packet[Any]) -> bool:
        """Whether a packet was given out before a jump, which may have landed too early for it."""
        limit = self._stale.get(packet.stream_index)
        time = packet.pts if packet.dts is None else packet.dts
        if limit is None or time is None or not packet.size:
            return False
        if time > limit:
            del self._stale[packet.stream_index]
        return time <= limit

    def _time(self) -> Fraction:
        """How far reading has come, seconds, by the stream that jumps are made in."""
        base = self._main.time_base or Fraction(1)
        known = self._reached.get(self._main.index, self._main.start_time or 0)
        return known * base

    def _promised(self) -> Fraction | None:
        """When the file ends by its header, seconds; None if that says nothing."""
        length = self._container.duration
        if length is None:
            return None
        return Fraction((self._container.start_time or 0) + length, av.time_base)

    def _jumps(self, begun: Fraction, end: Fraction | None) -> Iterator[Callable[[], None]]:
        base = self._main.time_base or Fraction(1)
        for ahead in _AHEAD:
            if end is not None and begun + ahead >= end:
                break
            target = int((begun + ahead) / base)
            yield partial(self._container.seek, target, stream=self._main, backward=False)
        for further in _FURTHER:
            if self._at is not None and self._at + further < self._container.size:
                target = self._at + further
                yield partial(self._container.seek, target, unsupported_byte_offset=True)

    def _first_new(self, packets: Iterator[av.Packet[Any]]) -> av.Packet[Any] | None:
        """The first packet of the main stream behind what was read already."""
        for packet in islice(packets, _MOST_STALE):
            time = packet.pts if packet.dts is None else packet.dts
            if packet.stream_index != self._main.index or not packet.size or time is None:
                continue
            if time > self._reached.get(packet.stream_index, time - 1):
                return packet
        return None


def _when(packet: av.Packet[Any]) -> Fraction | None:
    time = packet.dts if packet.pts is None else packet.pts
    return None if time is None else time * packet.time_base
