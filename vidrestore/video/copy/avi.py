"""AVI: pictures one after the other at one rate, sound without a gap, both from zero on.

AVI holds no times; what does not keep to that would be out of step in it (see ``regular``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeGuard

import av
import av.error
from av.stream import Stream

from vidrestore.datatypes import Frame
from vidrestore.errors import OutputError
from vidrestore.video.facts.media import MediaInfo, StreamInfo
from vidrestore.video.sound.times import samples

FORMAT = "avi"

# PCM and ADPCM come in blocks, which their headers give; others in packets of one length.
_PACKED = {"mp2": "mp2", "mp3": "libmp3lame", "ac3": "ac3"}
_BLOCKS = frozenset({"adpcm_ms", "adpcm_ima_wav"})
_PLAIN = frozenset(f"pcm_{kind}" for kind in ("u8", "s16le", "s24le", "s32le", "mulaw", "alaw"))
SOUND = _PLAIN | _BLOCKS | frozenset(_PACKED)

# Seconds that sound may lie off before people notice (ITU-R BT.1359 says 45 ms).
IN_STEP = Fraction(1, 25)
# Seconds that a picture may lie off its place: what containers round, twice.
JITTER = Fraction(3, 2000)
# Seconds without a picture; AVI has an empty entry for each that is not there.
LONGEST_GAP = 3600
INSTEAD = "name the output *.mkv, *.mp4 or *.mov, which hold any times"


class Grid:
    """The places of pictures at one rate.

    Args:
        rate: per second.
        first: when the first picture is shown, seconds.
    """

    def __init__(self, rate: Fraction, first: Fraction) -> None:
        self.rate, self._first = rate, first

    def place(self, time: Fraction) -> int | None:
        """Which picture it is, from 0; None if it lies between two."""
        exact = (time - self._first) * self.rate
        place = round(exact)
        return place if abs(exact - place) <= min(JITTER * self.rate, Fraction(1, 4)) else None


class Counted:
    """Places the packets of a sound one behind the other, from zero on.

    Args:
        stream: where the packets come from.
    """

    def __init__(self, stream: av.AudioStream) -> None:
        self._context = stream.codec_context
        self._next = 0

    def place(self, packet: av.Packet[Any]) -> list[av.Packet[Any]]:
        """The packet at its place, in samples.

        Raises:
            OutputError: if that is not when it is heard, as where pictures at the start are lost.
        """
        rate = self._context.sample_rate
        own = (packet.pts or 0) * packet.time_base
        if abs(own - Fraction(self._next, rate)) > 2 * IN_STEP:
            raise OutputError(
                f"the sound of stream {packet.stream_index} would be out of step from "
                f"{float(own):.3f} s on in an avi file; {INSTEAD}, or convert it with "
                "output.audio convert"
            )
        held = samples(packet, self._context)
        packet.duration = held or round((packet.duration or 0) * packet.time_base * rate)
        packet.time_base = Fraction(1, rate)
        packet.pts = packet.dts = self._next
        self._next += packet.duration
        return [packet]


def is_packed(stream: Stream) -> TypeGuard[av.AudioStream]:
    """Whether a stream is sound in packets of one length in time."""
    return (
        isinstance(stream, av.AudioStream) and stream.codec_context.codec.canonical_name in _PACKED
    )


def add_packed(output: av.container.OutputContainer, stream: av.AudioStream) -> av.AudioStream:
    """Add such a sound, timed by the length of its packets.

    Its old header may tell sizes that suited another file, AVI's own above all, and FFmpeg would
    go by them; what its encoder of the codec says of itself is plain.

    Raises:
        ValueError, FFmpegError: if the codec is not made for such sound.
    """
    source = stream.codec_context
    copy = output.add_stream(_PACKED[source.codec.canonical_name], rate=source.sample_rate)
    assert isinstance(copy, av.AudioStream)
    copy.codec_context.layout = source.layout
    copy.codec_context.open()
    copy.codec_context.bit_rate = source.bit_rate or copy.codec_context.bit_rate
    return copy


def lost(media: MediaInfo, kept: Iterable[StreamInfo], *, strict: bool) -> list[str]:
    """What AVI has no place for, one line each.

    Args:
        media: the source.
        kept: its other streams that are not dropped.
        strict: whether nothing may be lost.

    Raises:
        OutputError: if anything would be lost and must not.
    """
    losses = {
        "chapters": bool(media.chapters),
        "languages": any(info.language not in {None, "und"} for info in kept),
    }
    lines = [
        f"avi files hold no {what}: they are left out" for what, there in losses.items() if there
    ]
    if lines and strict:
        raise OutputError(f"{lines[0]}; run without output.strict, or {INSTEAD}")
    return lines


def delivered(media: MediaInfo, rate: Fraction) -> MediaInfo:
    """The file as AVI states it: one unit of time per picture."""
    picture = replace(media.picture, rate=rate)
    return media.restored_as(replace(media.stream, picture=picture, time_base=1 / rate))


class Placer:
    """Gives frames their places; one that has none ends the job.

    Args:
        rate: pictures per second.
        path: of the result, for messages.
    """

    def __init__(self, rate: Fraction, path: object) -> None:
        self.rate, self._path = rate, path
        self._grid: Grid | None = None
        self._last, self._time = -1, Fraction(0)

    def __call__(self, frame: Frame) -> int:
        """The frame's number among all places.

        Raises:
            OutputError: if it lies between two, or where another is.
        """
        time = frame.pts * frame.time_base
        if self._grid is None:
            self._grid, self._time = Grid(self.rate, time), time
        place = self._grid.place(time)
        if place is None or place <= self._last or time - self._time > LONGEST_GAP:
            raise OutputError(
                f"{self._path}: the picture at {float(time):.3f} s does not lie at "
                f"{float(self.rate):.6g} frames a second, which avi files hold; {INSTEAD}"
            )
        self._last, self._time = place, time
        return place
