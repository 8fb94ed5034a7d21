"""Closed captions (ATSC A/53, CEA-608) put into H.264 by hand, and read back by hand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import av

from tests import witness
from tests.made_files.synthetic import Clip, add_video, video_packets

PADDING = bytes([0xFC, 0x80, 0x80])

_ATSC = bytes([0xB5, 0x00, 0x31]) + b"GA94\x03"
_H264_SLICES, _HEVC_SEI = (1, 5), (39, 40)


def _odd(value: int) -> int:
    """CEA-608 bytes carry odd parity in their highest bit."""
    return value | (0 if value.bit_count() % 2 else 0x80)


def words(text: str) -> list[bytes]:
    """A caption as one byte pair of field 1 per frame: loaded, then shown at once."""
    padded = text + " " * (len(text) % 2)
    letters = [(ord(a), ord(b)) for a, b in zip(padded[::2], padded[1::2], strict=True)]
    pairs = [(0x14, 0x20), (0x14, 0x70), *letters, (0x14, 0x2F)]
    return [bytes([0xFC, _odd(a), _odd(b)]) for a, b in pairs]


def _sei(words: bytes) -> bytes:
    """A NAL unit with one frame's caption words."""
    body = _ATSC + bytes([0x40 | len(words) // 3, 0xFF]) + words + b"\xff"
    message = bytes([4, len(body)]) + body + b"\x80"
    escaped = bytearray()
    for byte in message:
        if byte <= 3 and escaped[-2:] == b"\0\0":
            escaped.append(3)
        escaped.append(byte)
    return b"\0\0\0\1\x06" + bytes(escaped)


def make_captioned(folder: Path, clip: Clip, lines: Sequence[bytes]) -> Path:
    """An H.264 transport stream whose n-th frame as shown carries ``lines[n]``."""
    path = folder / clip.name
    with av.open(str(path), "w", format="mpegts") as output:
        stream = add_video(output, clip)
        packets = video_packets(stream, clip)
        rank = {pts: n for n, pts in enumerate(sorted(p.pts for p in packets))}
        for packet in packets:
            carried = lines[rank[packet.pts]]
            output.mux(_with(packet, carried) if carried else packet)
    return path


def _with(packet: av.Packet, words: bytes) -> av.Packet:
    data = bytes(packet)
    place = next(at for at, kind in _units(data, hevc=False) if kind in _H264_SLICES)
    made = av.Packet(data[:place] + _sei(words) + data[place:])
    made.pts, made.dts, made.duration = packet.pts, packet.dts, packet.duration
    made.time_base, made.is_keyframe, made.stream = (
        packet.time_base,
        packet.is_keyframe,
        packet.stream,
    )
    return made


def _units(data: bytes, *, hevc: bool) -> Iterator[tuple[int, int]]:
    """(place of its start code, type) of each NAL unit."""
    at = data.find(b"\0\0\1")
    while at >= 0:
        first = data[at + 3]
        kind = first >> 1 & 63 if hevc else first & 31
        yield at - (at > 0 and data[at - 1] == 0), kind
        at = data.find(b"\0\0\1", at + 3)


def read(path: Path, *, hevc: bool = False) -> list[bytes]:
    """The caption words in the file, in the order of decoding, found in the bare stream."""
    bare = path.with_name(f"{path.name}.bare")
    kind = "hevc" if hevc else "h264"
    witness.run("-i", path, "-map", "0:V:0", "-c", "copy", "-f", kind, bare)
    data = bare.read_bytes()
    bare.unlink()
    starts = [*_units(data, hevc=hevc), (len(data), -1)]
    found = []
    for (begin, kind_of), (end, _) in itertools.pairwise(starts):
        if kind_of in (_HEVC_SEI if hevc else (6,)):
            unit = data[begin:end].replace(b"\0\0\3", b"\0\0")
            at = unit.find(_ATSC)
            if at >= 0:
                count = unit[at + len(_ATSC)] & 31
                first = at + len(_ATSC) + 2
                found.append(unit[first : first + 3 * count])
    return found


def shown(path: Path) -> str:
    """The captions as the witness's decoder shows them, as SubRip."""
    graph = f"movie={path}[out+subcc]"
    return witness.run("-f", "lavfi", "-i", graph, "-map", "0:s:0", "-f", "srt", "-").stdout
