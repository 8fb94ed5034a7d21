"""Packets whose own header FFmpeg's muxers read: a damaged one must not reach them.

MP4's muxer parses every packet of AC-3 and E-AC-3, MP4's and Matroska's split those of AV1. What
they refuse they may tell only when another packet is written, or not at all, and the file is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import av

from vidrestore.video.facts.containers import facts_of

# The last kind of a frame is reserved, and so is the last rate.
_RESERVED = 3


def is_whole(codec: str, packet: av.Packet[Any], container: str | None = None) -> bool:
    """Whether a container's muxer can be given a packet.

    Args:
        codec: FFmpeg's name.
        packet: as the source has it.
        container: FFmpeg's name; None for any.
    """
    families, read = _READ.get(codec, (frozenset(), None))
    if read is None or (container is not None and facts_of(container).family not in families):
        return True
    return read(bytes(packet))


def _ac3(data: bytes) -> bool:
    """ETSI TS 102 366: of AC-3 a frame, of E-AC-3 frames that fill the packet."""
    at = 0
    while at < len(data):
        head = data[at : at + 7]
        if len(head) < 7 or head[:2] != b"\x0b\x77" or head[5] >> 3 > 16:
            return False
        rate, half_rate = head[4] >> 6, head[4] >> 4 & 3
        if head[5] >> 3 <= 10:
            return rate != _RESERVED and head[4] & 63 <= 37
        size = 2 * ((head[2] & 7) << 8 | head[3]) + 2
        if head[2] >> 6 == _RESERVED or rate == half_rate == _RESERVED or size < 7:
            return False
        at += size
    return at == len(data)


def _av1(data: bytes) -> bool:
    """AV1 specification, 5.3: units one behind the other, each with its length."""
    at = 0
    while at < len(data):
        head = data[at]
        at += 2 if head & 4 else 1
        if head & 0x80:
            return False
        if not head & 2:
            # It reaches to the end.
            return at <= len(data)
        size = shift = 0
        while True:
            if at >= len(data) or shift > 49:
                return False
            size |= (data[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if data[at - 1] < 0x80:
                break
        at += size
    return at == len(data)


_READ: dict[str, tuple[frozenset[str], Callable[[bytes], bool] | None]] = {
    "ac3": (frozenset({"isobmff"}), _ac3),
    "eac3": (frozenset({"isobmff"}), _ac3),
    "av1": (frozenset({"isobmff", "ebml"}), _av1),
}
