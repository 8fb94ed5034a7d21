"""AAC as transport streams have it: every packet begins with a header of its own (ADTS).

FFmpeg's muxers take the headers off by themselves, but one damaged packet ends their work. Here it
is left out.
"""

from __future__ import annotations

from typing import Any

import av
import av.error
from av.bitstream import BitStreamFilterContext
from av.packet import PktSideDataT
from av.stream import Stream

from vidrestore.video.sound.configuration import copied

_NEW: PktSideDataT = "new_extradata"

# ISO/IEC 13818-7: samples per second by the header's index.
_RATES = (
    *(96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050),
    *(16_000, 12_000, 11_025, 8_000, 7_350),
)


def is_adts(stream: Stream) -> bool:
    """Whether a stream is AAC whose configuration its packets give."""
    context = stream.codec_context
    return (
        isinstance(stream, av.AudioStream)
        and context is not None
        and context.codec.canonical_name == "aac"
        and not context.extradata
    )


def parameters(data: bytes) -> tuple[int, int] | None:
    """Rate and channel configuration by a packet's header; None if it has none."""
    if len(data) < 7 or data[0] != 0xFF or data[1] & 0xF6 != 0xF0:
        return None
    index = data[2] >> 2 & 15
    if index >= len(_RATES):
        return None
    return _RATES[index], (data[2] & 1) << 2 | data[3] >> 6


class Adts:
    """Takes headers off.

    Args:
        stream: where the packets come from.
        first: a whole packet, whose configuration is the result's.

    Attributes:
        configuration: what a container's header must state (AudioSpecificConfig).
        parameters: rate and channels of it.

    Raises:
        ValueError: if the packet is damaged.
    """

    def __init__(self, stream: Stream, first: bytes) -> None:
        known = parameters(first)
        if known is None:
            raise ValueError("no ADTS header")
        self.parameters = known
        self._filter = BitStreamFilterContext("aac_adtstoasc", in_stream=stream)
        try:
            (packet,) = self._filter.filter(av.Packet(first))
            self.configuration = bytes(packet.get_sidedata(_NEW))
        except av.error.FFmpegError as error:
            raise ValueError("no ADTS header") from error

    def bare(self, packet: av.Packet[Any]) -> av.Packet[Any] | None:
        """The packet without its header; None if it is damaged."""
        data = bytes(packet)
        if parameters(data) is None:
            return None
        try:
            filtered = self._filter.filter(av.Packet(data))
        except av.error.FFmpegError:
            return None
        return copied(packet, bytes(filtered[0])) if filtered else None
