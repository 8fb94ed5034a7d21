"""Streams that a container cannot hold, written in a codec that it can: only if asked for."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any, Protocol

import av
import av.container
import av.error
from av.stream import Stream

from vidrestore.video.copy.trial import plain_layout
from vidrestore.video.facts.containers import facts_of
from vidrestore.video.facts.media import Sound, StreamInfo
from vidrestore.video.pixels.graph import SoundChain

# Sound whose samples come back bit for bit, and have a depth worth keeping.
_LOSSLESS = frozenset({"flac", "alac", "tta", "wavpack", "ape", "truehd", "mlp", "wmalossless"})
# PCM of which FLAC holds 24 bits alone; Matroska has them as they are.
_PLAIN = {"flt": "pcm_f32le", "dbl": "pcm_f64le", "s32": "pcm_s32le"}
_READABLE = frozenset({"subrip", "ass", "ssa", "mov_text", "webvtt", "text"})

_OPUS_RATE = 48_000
# Bits per second and channel of the lossy codecs: more than anybody is known to hear a need for.
_BITS = 128_000
_MILLISECOND = Fraction(1, 1000)


class UndecodableError(Exception):
    """A packet is damaged; what comes after it can be converted."""


class Converter(Protocol):
    """Makes packets of another codec out of one stream's."""

    def add_to(self, output: av.container.OutputContainer) -> Stream:
        """Add the stream that the packets will belong to; call once, before ``convert``."""
        ...

    def convert(self, packet: av.Packet[Any] | None) -> list[av.Packet[Any]]:
        """Packets that are ready, their times set; None asks for what is still held.

        Raises:
            UndecodableError: if the packet is damaged.
        """
        ...


def target_codec(info: StreamInfo, container: str) -> str | None:
    """The codec that a stream would become in a container; None if it cannot be converted."""
    if info.kind == "audio" and info.sound is not None:
        return _sound_codec(info.codec, info.sound, container)
    if info.kind == "subtitle" and info.codec in _READABLE:
        return facts_of(container).text
    return None


def _sound_codec(codec: str, sound: Sound, container: str) -> str | None:
    """Of the codecs that a container takes the one that keeps all bits, if it has one."""
    pcm, kind = codec.startswith("pcm_"), sound.format.removesuffix("p")
    if container == "matroska" and pcm:
        whole = kind in {"flt", "dbl"} or "32" in codec
        return _PLAIN[kind] if whole and kind in _PLAIN else "flac"
    if container == "avi" and (pcm or codec in _LOSSLESS) and kind not in {"u8", "s16"}:
        return "pcm_s24le"
    return facts_of(container).sound


def convertible(source: Stream, codec: str, container: str) -> bool:
    """Whether an encoder takes a stream as it is, with all its channels."""
    if source.codec_context is None:
        return False
    try:
        with av.open(io.BytesIO(), "w", format=container) as scratch:
            converter(source, codec).add_to(scratch)
            scratch.start_encoding()
    except (av.error.FFmpegError, ValueError):
        return False
    return True


def converter(source: Stream, codec: str) -> Converter:
    """The converter of an audio or text subtitle stream to ``codec`` (see ``target_codec``)."""
    if source.type == "audio":
        return SoundConverter(source, codec)
    return TextConverter(source, codec)


class TextConverter:
    """Text subtitles from one notation to another; italics, bold and colour where both have them.

    Args:
        source: the stream that the packets come from.
        codec: FFmpeg's name of the encoder.
    """

    def __init__(self, source: Stream, codec: str) -> None:
        self._decoder: Any = source.codec_context
        self._codec = codec
        self._stream: Any = None

    def add_to(self, output: av.container.OutputContainer) -> Stream:
        """Add the stream; its header is the decoder's styles."""
        self._decoder.open(strict=False)
        stream: Any = output.add_stream(self._codec)
        context: Any = stream.codec_context
        stream.time_base = context.time_base = _MILLISECOND
        context.subtitle_header = self._decoder.subtitle_header
        context.open()
        self._stream = stream
        added: Stream = stream
        return added

    def convert(self, packet: av.Packet[Any] | None) -> list[av.Packet[Any]]:
        """The same line at the same time."""
        if packet is None or packet.pts is None:
            return []
        try:
            text = self._decoder.decode2(packet)
        except av.error.FFmpegError as error:
            raise UndecodableError from error
        if text is None or not len(text):
            return []
        written: av.Packet[Any] = self._stream.codec_context.encode_subtitle(text)
        written.time_base = packet.time_base
        written.pts = written.dts = packet.pts
        written.duration = packet.duration
        written.stream = self._stream
        return [written]


class SoundConverter:
    """Sound decoded and encoded anew; gaps of more than a tenth of a second become silence.

    Args:
        source: the stream that the packets come from.
        codec: FFmpeg's name of the encoder.
    """

    def __init__(self, source: Stream, codec: str) -> None:
        self._decoder: Any = source.codec_context
        self._codec = codec
        self._stream: Any = None
        self._chain: SoundChain | None = None
        self._next: int | None = None
        self._timeless = False

    def add_to(self, output: av.container.OutputContainer) -> Stream:
        """Add the stream and open its encoder."""
        source = self._decoder
        known = av.Codec(self._codec, "w").audio_rates
        rate = source.sample_rate
        if self._codec == "libopus" or (known and rate not in known):
            rate = _OPUS_RATE
        stream: Any = output.add_stream(self._codec, rate=rate)
        self._timeless = output.format.name == "avi"
        context: Any = stream.codec_context
        context.layout = plain_layout(source)
        if self._codec == "flac":
            deep = source.format is not None and source.format.bits > 16
            context.format = "s32" if deep else "s16"
        elif not self._codec.startswith("pcm_"):
            context.bit_rate = _BITS * context.layout.nb_channels
        context.open()
        self._stream = stream
        added: Stream = stream
        return added

    def convert(self, packet: av.Packet[Any] | None) -> list[av.Packet[Any]]:
        """Packets of the sound so far."""
        try:
            frames = self._decoder.decode(packet)
        except av.error.FFmpegError as error:
            # Decoders say what is damaged in many ways: "not permitted", "patches welcome".
            if packet is not None:
                raise UndecodableError from error
            frames = []
        packets: list[av.Packet[Any]] = []
        for frame in frames:
            self._chain = self._chain or self._built(frame)
            packets += self._encoded(self._chain.push(frame))
        if packet is None and self._chain is not None:
            packets += self._encoded(self._chain.push(None))
            packets += self._timed(self._stream.encode(None))
        return packets

    def _built(self, frame: av.AudioFrame) -> SoundChain:
        """Fills gaps; where there are no times, silence stands for a late start, too."""
        gaps = f"async=1{':first_pts=0' if self._timeless else ''}"
        return SoundChain(frame, self._stream.codec_context, [("aresample", gaps)])

    def _timed(self, packets: list[av.Packet[Any]]) -> list[av.Packet[Any]]:
        """Packets that hold sound: the encoders' last one may lack its time."""
        full = [packet for packet in packets if packet.size]
        for packet in full:
            if packet.pts is None:
                packet.pts = packet.dts = self._next
            self._next = (packet.pts or 0) + (packet.duration or 0)
        return full

    def _encoded(self, frames: list[av.AudioFrame]) -> list[av.Packet[Any]]:
        return [packet for frame in frames for packet in self._timed(self._stream.encode(frame))]
