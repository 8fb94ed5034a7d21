"""One rate and one number of channels for all of a copied sound, as its header gives them.

Tapes switch from 48 to 32 kHz, broadcasts from stereo to 5.1. PCM, and AAC once its packets have no
header of their own, would be played as the beginning is; such stretches are written anew.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeAlias

import av
import av.error
from av.audio.codeccontext import AudioCodecContext
from av.packet import PktSideDataT
from av.stream import Stream

from vidrestore.video.facts.damage import Damage
from vidrestore.video.pixels.graph import SoundChain
from vidrestore.video.sound.adts import Adts, is_adts, parameters

_CHANGE: PktSideDataT = "param_change"
# What a change of parameters tells: flags, and behind them the rate, little-endian.
_RATE_FLAG = 4
# Seconds that a packet may lie off its place before time is taken for having jumped.
_JUMP = Fraction(1, 5)

Packet: TypeAlias = "av.Packet[Any]"
Parameters = tuple[int, int]


class Stretch:
    """Decodes, resamples and encodes what has other parameters than the rest.

    Args:
        codec: FFmpeg's name.
        parameters: rate and channels of what comes; no channels where the packets state them.
        like: of the stream that the result belongs to.
    """

    def __init__(self, codec: str, parameters: Parameters, like: AudioCodecContext) -> None:
        self.parameters = parameters
        decoder, encoder = (av.CodecContext.create(codec, mode) for mode in ("r", "w"))
        assert isinstance(decoder, AudioCodecContext)
        assert isinstance(encoder, AudioCodecContext)
        decoder.sample_rate = parameters[0]
        if codec.startswith("pcm"):
            decoder.layout = like.layout
        encoder.sample_rate, encoder.layout = like.sample_rate, like.layout
        encoder.format = like.format
        encoder.time_base = Fraction(1, like.sample_rate)
        encoder.bit_rate = like.bit_rate or encoder.bit_rate
        encoder.open()
        self._decoder, self._encoder = decoder, encoder
        self._chain: SoundChain | None = None
        self._begun: int | None = None
        self._next: int | None = None

    def convert(self, packet: Packet | None) -> list[Packet]:
        """Packets that are ready; None asks for what is held."""
        ready: list[Packet] = []
        try:
            frames = [] if packet is None else self._decoder.decode(packet)
        except av.error.FFmpegError:
            frames = []
        for frame in frames:
            assert packet is not None
            self._time(frame, packet)
            self._chain = self._chain or SoundChain(frame, self._encoder)
            ready += self._encoded(self._chain.push(frame))
        if packet is None and self._chain is not None:
            ready += self._encoded(self._chain.push(None))
            ready += self._encoder.encode(None)
        begun = self._begun or 0
        # An encoder may begin before the first sample, with what gets it going.
        return [each for each in ready if each.size and (each.pts or 0) >= begun]

    def _time(self, frame: av.AudioFrame, packet: Packet) -> None:
        """Sample by sample; readers that count by the first rate err on the packets between."""
        rate = frame.sample_rate
        own = round((packet.pts or 0) * packet.time_base * rate)
        if self._next is None or abs(own - self._next) > _JUMP * rate:
            self._next = own
        frame.pts, frame.time_base = self._next, Fraction(1, rate)
        self._next += frame.samples

    def _encoded(self, frames: list[av.AudioFrame]) -> list[Packet]:
        packets: list[Packet] = []
        for frame in frames:
            if self._begun is None and frame.pts is not None:
                self._begun = frame.pts
            packets += self._encoder.encode(frame)
        return packets


class Uniform:
    """Hands packets on that fit the header, and others converted.

    Args:
        stream: where the packets come from.
        first: the data of one of its first packets that is whole; empty if there is none.
        damage: takes what was left out or converted.

    Attributes:
        configuration: what the result's header must state; empty if the source's own will do.
    """

    def __init__(self, stream: av.AudioStream, first: bytes, damage: Damage) -> None:
        self._stream, self._damage = stream, damage
        context = stream.codec_context
        self._codec = context.codec.canonical_name
        self._adts = Adts(stream, first) if is_adts(stream) else None
        self.configuration = b"" if self._adts is None else self._adts.configuration
        self._usual: Parameters = (
            (context.sample_rate, 0) if self._adts is None else self._adts.parameters
        )
        self._rate = context.sample_rate
        self._stretch: Stretch | None = None

    def pass_on(self, packet: Packet | None, shift: Fraction) -> list[Packet]:
        """Packets that are ready; None asks for what is held.

        Args:
            packet: at the output's time.
            shift: seconds of the source's clock at the output's zero.
        """
        if packet is None:
            return self._ended()
        time = None if packet.pts is None else packet.pts * packet.time_base + shift
        now = self._parameters(packet)
        if now is None:
            self._damage.note("unwritable", time, packet.stream_index)
            return []
        if now == self._usual:
            bare = packet if self._adts is None else self._adts.bare(packet)
            if bare is None:
                self._damage.note("unwritable", time, packet.stream_index)
            return [*self._ended(), *([] if bare is None else [bare])]
        ready = [] if self._stretch is None or self._stretch.parameters == now else self._ended()
        if self._stretch is None:
            self._stretch = Stretch(self._codec, now, self._stream.codec_context)
        self._damage.note("resampled", time, packet.stream_index)
        return ready + self._mine(self._stretch.convert(packet))

    def _parameters(self, packet: Packet) -> Parameters | None:
        if self._adts is not None:
            return parameters(bytes(memoryview(packet)[:7]))
        if packet.has_sidedata(_CHANGE):
            data = bytes(packet.get_sidedata(_CHANGE))
            if len(data) >= 8 and data[0] & _RATE_FLAG:
                self._rate = int.from_bytes(data[4:8], "little")
        return self._rate, 0

    def _ended(self) -> list[Packet]:
        if self._stretch is None:
            return []
        stretch, self._stretch = self._stretch, None
        return self._mine(stretch.convert(None))

    def _mine(self, packets: list[Packet]) -> list[Packet]:
        """Packets of this stream, in its own units of time."""
        sample = Fraction(1, self._stream.codec_context.sample_rate)
        base = self._stream.time_base or sample
        for packet in packets:
            begin = (packet.pts or 0) * sample
            end = begin + (packet.duration or 0) * sample
            packet.stream, packet.time_base = self._stream, base
            packet.pts = packet.dts = round(begin / base)
            packet.duration = round(end / base) - packet.pts
        return packets


def uniform(stream: Stream, first: bytes, damage: Damage) -> Uniform | None:
    """What keeps a sound to its header; None for codecs whose packets are understood alone."""
    if not isinstance(stream, av.AudioStream) or not stream.codec_context.sample_rate:
        return None
    codec = stream.codec_context.codec.canonical_name
    if not (is_adts(stream) or (codec.startswith("pcm_") and codec != "pcm_bluray")):
        return None
    try:
        return Uniform(stream, first, damage)
    except ValueError:
        return None
