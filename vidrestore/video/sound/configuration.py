"""A copied stream is configured once, by its header."""

from __future__ import annotations

from typing import Any

import av
from av.packet import PktSideDataT

_NEW: PktSideDataT = "new_extradata"


def once(packet: av.Packet[Any]) -> av.Packet[Any]:
    """The packet without a configuration of its own, if its stream has one already.

    FLV files repeat it. FFmpeg's Matroska muxer would write it over its header, and over what lies
    behind it there: the result could not be read.
    """
    context = packet.stream.codec_context
    if not packet.has_sidedata(_NEW) or context is None or not context.extradata:
        return packet
    return copied(packet, bytes(packet))


def copied(packet: av.Packet[Any], data: bytes) -> av.Packet[Any]:
    """A packet of the same stream and time with other data, without a configuration of its own."""
    plain: av.Packet[Any] = av.Packet(data)
    plain.stream, plain.time_base = packet.stream, packet.time_base
    plain.pts, plain.dts, plain.duration = packet.pts, packet.dts, packet.duration
    plain.is_keyframe = packet.is_keyframe
    for beside in packet.iter_sidedata():
        if beside.data_type != _NEW:
            plain.set_sidedata(beside)
    return plain
