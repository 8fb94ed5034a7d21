"""Where a copied sound's packets begin and end, to the sample, whatever the containers round.

Matroska gives milliseconds, and how many samples of the last packet are not heard (DiscardPadding);
MP4 gives samples, and the end by a last packet of shorter duration.
"""

from __future__ import annotations

import re
import struct
from fractions import Fraction
from typing import Any, get_args

import av
from av.packet import PacketSideData, PktSideDataT

# Samples per packet of codecs of which FFmpeg may not say so.
_FIXED = {"ac3": 1536, "eac3": 1536, "mp2": 1152, "mp3": 1152, "dts": 512}
_PCM = re.compile(r"pcm_[suf](8|16|24|32|64)([lb]e)?")
_OPUS_RATE = 48_000

# A regular packet may lie so many units of the source's time off: rounding, and the packets of a
# Matroska lace, of which FFmpeg counts on in rounded durations.
_STRAY = 4

# Time stamps have 64 bits.
_FARTHEST = 1 << 62

_SKIP: PktSideDataT = "skip_samples"
# Samples that are not heard at the packet's start and at its end, and two reasons.
_SKIP_LAYOUT = struct.Struct("<IIBB")


def samples(packet: av.Packet[Any], context: av.AudioCodecContext) -> int | None:
    """How many samples per channel a packet should hold by its codec; None if that is unknown."""
    codec = context.codec.canonical_name
    if codec == "opus":
        return _opus(bytes(memoryview(packet)[:2]))
    if codec == "flac":
        return _flac(context.extradata or b"")
    if pcm := _PCM.fullmatch(codec):
        return packet.size * 8 // (int(pcm[1]) * context.channels) if context.channels else None
    return context.frame_size or _FIXED.get(codec)


def _opus(data: bytes) -> int | None:
    """By the packet's first bytes (RFC 6716, section 3.1)."""
    if not data:
        return None
    mode, kind = data[0] >> 3, data[0] & 3
    if mode < 12:  # SILK
        length = (480, 960, 1920, 2880)[mode & 3]
    elif mode < 16:  # hybrid
        length = (480, 960)[mode & 1]
    else:  # CELT
        length = 120 << (mode & 3)
    if kind < 3:
        return length * (1 if kind == 0 else 2)
    return length * (data[1] & 63) if len(data) > 1 else None


def _flac(header: bytes) -> int | None:
    """By STREAMINFO, if all blocks but the last are of one size."""
    if len(header) < 4:
        return None
    least, most = struct.unpack(">HH", header[:4])
    return most if least == most else None


class SoundTimes:
    """Gives the packets of one sound their exact times; errors of rounding never add up.

    Packets whose durations bear out that they hold what their codec says follow each other sample
    by sample; one that lies elsewhere by more than rounding keeps its own time.

    Args:
        stream: where the packets come from.
        coarse: whether the target counts in milliseconds and not in samples.
        end: when the sound ends, seconds of the output's clock, if the source says so exactly.
    """

    def __init__(
        self, stream: av.AudioStream, *, coarse: bool, end: Fraction | None = None
    ) -> None:
        self._context = stream.codec_context
        opus = self._context.codec.canonical_name == "opus"
        self._sample = Fraction(1, _OPUS_RATE if opus else self._context.sample_rate or 1)
        self._coarse, self._end = coarse, end
        self._next: int | None = None
        self._regular = False
        self._hidden: av.Packet[Any] | None = None

    def place(self, packet: av.Packet[Any]) -> list[av.Packet[Any]]:
        """Packets that are ready: time, duration, and how much is not heard are set.

        Of what an edit list hides before the beginning, Matroska, which has none, gets the last
        packet alone: a decoder needs it to get going.
        """
        if packet.pts is None or not self._context.sample_rate:
            return [packet]
        self._set(packet)
        if self._coarse and packet.is_discard:
            self._hidden = packet
            return []
        ready = [packet] if self._hidden is None else [self._hidden, packet]
        self._hidden = None
        return ready

    def _set(self, packet: av.Packet[Any]) -> None:
        count = samples(packet, self._context)
        start, end = _skipped(packet)
        length = (packet.duration or 0) * packet.time_base
        tick = max(packet.time_base, self._sample)
        # Some containers give the length with what is not heard at the end, others without.
        counts = [held for held in (count, (count or 0) - end) if held is not None and held > 0]
        proven = any(abs(held * self._sample - length) <= tick for held in counts)
        self._regular |= proven
        if self._coarse:
            if count and not end:
                self._trim(packet, start, count)
            return
        heard = counts[-1] if proven else None
        if packet.time_base > self._sample:
            self._align(packet, start, heard)
        elif heard is not None:
            packet.duration = max(1, round(heard * self._sample / packet.time_base))
        beyond = round(self._beyond(packet) / packet.time_base)
        if 0 < beyond < (packet.duration or 0):
            packet.duration = (packet.duration or 0) - beyond

    def _align(self, packet: av.Packet[Any], skipped: int, heard: int | None) -> None:
        """From coarse units to samples: right behind the packet before, if it belongs there."""
        base = packet.time_base
        assert packet.pts is not None
        own = packet.pts * base
        # A sound may begin with what a decoder needs to get going, just before zero.
        at, stray = (-skipped, 1) if self._next is None else (self._next, _STRAY)
        if abs(at * self._sample - own) > stray * base:
            at = round(own / self._sample)
        if abs(at) > _FARTHEST:
            # A broken file's time, which cannot be given in samples.
            self._next = None
            return
        self._next = None if heard is None else at + heard
        if heard is None:
            heard = round((packet.duration or 0) * base / self._sample)
        packet.time_base = self._sample
        packet.pts = packet.dts = at
        packet.duration = heard

    def _trim(self, packet: av.Packet[Any], start: int, count: int) -> None:
        """Mark what is not heard of a last packet, whose length cannot be given otherwise."""
        unheard = self._beyond(packet)
        length = (packet.duration or 0) * packet.time_base
        # A sound whose packets never last as long as they should only seems to be cut short.
        if self._regular and length and packet.time_base <= self._sample:
            unheard = max(unheard, count * self._sample - length)
        whole = round(unheard / self._sample)
        if 0 < whole < count:
            made: Any = PacketSideData
            mark = made(get_args(PktSideDataT).index(_SKIP), _SKIP_LAYOUT.size)
            mark.update(_SKIP_LAYOUT.pack(start, whole, 0, 0))
            packet.set_sidedata(mark)

    def _beyond(self, packet: av.Packet[Any]) -> Fraction:
        """Seconds of the packet that lie behind the sound's end."""
        if self._end is None or packet.pts is None:
            return Fraction(0)
        end = (packet.pts + (packet.duration or 0)) * packet.time_base
        return max(Fraction(0), end - self._end)


def _skipped(packet: av.Packet[Any]) -> tuple[int, int]:
    """Samples that are not heard at the packet's start and at its end."""
    if not packet.has_sidedata(_SKIP):
        return 0, 0
    data = bytes(packet.get_sidedata(_SKIP))
    if len(data) != _SKIP_LAYOUT.size:
        return 0, 0
    start, end, *_ = _SKIP_LAYOUT.unpack(data)
    return start, end
