"""A broadcast with DVB subtitles and teletext beside them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av

from tests.made_files.synthetic import Clip, add_video, video_packets, when

_SUBTITLES, _TELETEXT = 0x59, 0x56
# The end of a page on which there is nothing (ETSI EN 300 743).
_EMPTY = bytes.fromhex("2000 0f80 0001 0000 ff")


def broadcast(path: Path) -> Path:
    """A transport stream (.m2ts: of 192 bytes a packet) whose second subtitles are teletext."""
    clip = Clip(count=25)
    plain = path.with_name("plain.ts")
    with av.open(str(plain), "w") as output:
        packets = video_packets(add_video(output, clip), clip)
        for language in ("eng", "deu"):
            stream = output.add_mux_stream("dvb_subtitle", time_base=Fraction(1, 90_000))
            stream.metadata["language"] = language
            for time in (9_000, 45_000):
                packet = av.Packet(_EMPTY)
                packet.pts = packet.dts = time
                packet.time_base, packet.stream = Fraction(1, 90_000), stream
                packets.append(packet)
        output.start_encoding()
        for packet in sorted(packets, key=when):
            output.mux(packet)
    data = bytearray(plain.read_bytes())
    parts = range(0, len(data), 188)
    for at in parts:
        if data[at + 1] & 0x40 and data[at + 5] == 2:
            _rename(data, at + 5)
    arrival = bytes(4) if path.suffix == ".m2ts" else b""
    path.write_bytes(b"".join(arrival + data[at : at + 188] for at in parts))
    return path


def _rename(data: bytearray, table: int) -> None:
    """The second description of subtitles in a program's table becomes one of teletext."""
    end = table + 3 + ((data[table + 1] & 15) << 8 | data[table + 2]) - 4
    found = [at for at in range(table, end) if data[at : at + 2] == bytes([_SUBTITLES, 8])]
    at = found[1]
    language = bytes(data[at + 2 : at + 5])
    # What is left of its ten bytes is an identifier, which says nothing.
    data[at : at + 10] = bytes([_TELETEXT, 5, *language, 0x10, 0x88, 0x52, 1, 0])
    data[end : end + 4] = _checksum(data[table:end]).to_bytes(4)


def _checksum(data: bytes | bytearray) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value >> 31 else 0)) & 0xFFFFFFFF
    return value
