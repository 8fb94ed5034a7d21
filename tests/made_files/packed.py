"""MPEG-4 as DivX wrote it: a picture and the one before it in order of showing in one packet."""

from __future__ import annotations

import re
import struct
from pathlib import Path

from tests import witness

_VOP = b"\0\0\1\xb6"
_NOTHING = _VOP + b"\x7f"
_MARK = b"\0\0\1\xb2DivX503b1393p"


def packed_avi(folder: Path, count: int = 25) -> Path:
    """An AVI file of ``count`` pictures of 64 x 48 with a packed bitstream."""
    raw, path = folder / "raw.m4v", folder / "packed.avi"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25", "-frames:v", str(count))
    witness.run(*picture, "-c:v", "mpeg4", "-bf", "2", "-g", "12", "-f", "m4v", raw)
    chunks = _packed(_units(raw.read_bytes()))
    head = struct.pack("<14I", 40_000, 0, 0, 0x10, len(chunks), 0, 1, 0, 64, 48, 0, 0, 0, 0)
    stream = struct.pack(
        *("<4s4sIHHIIIIIIIIhhhh", b"vids", b"XVID", 0, 0, 0, 0, 1, 25, 0, len(chunks)),
        *(0, 0xFFFFFFFF, 0, 0, 0, 64, 48),
    )
    form = struct.pack("<IiiHH4sIiiII", 40, 64, 48, 1, 24, b"XVID", 64 * 48 * 3, 0, 0, 0, 0)
    listed = _list(b"strl", _chunk(b"strh", stream) + _chunk(b"strf", form))
    movie, index = b"", b""
    for data in chunks:
        key = 0x10 if data[data.find(_VOP) + 4] >> 6 == 0 else 0
        index += b"00dc" + struct.pack("<III", key, 4 + len(movie), len(data))
        movie += _chunk(b"00dc", data)
    header = _list(b"hdrl", _chunk(b"avih", head) + listed)
    whole = header + _list(b"movi", movie) + _chunk(b"idx1", index)
    path.write_bytes(_chunk(b"RIFF", b"AVI " + whole))
    return path


def _units(data: bytes) -> list[bytes]:
    """One picture each, with the headers before it."""
    head = re.compile(rb"\x00\x00\x01[\xb0\xb2\xb3\xb5\xb6\x00-\x2f]")
    units, begin = [], 0
    for vop in re.finditer(_VOP, data):
        after = head.search(data, vop.start() + 4)
        end = after.start() if after else len(data)
        units.append(data[begin:end])
        begin = end
    return units


def _packed(units: list[bytes]) -> list[bytes]:
    kinds = [unit[unit.rindex(_VOP) + 4] >> 6 for unit in units]
    for number, unit in enumerate(units):
        if kinds[number] == 0:
            at = unit.rindex(_VOP)
            units[number] = unit[:at] + _MARK + unit[at:]
    chunks, at = [], 0
    while at < len(units):
        last = at + 1
        while last < len(units) and kinds[last] == 2:
            last += 1
        if last == at + 1:
            chunks.append(units[at])
        else:
            # A reference and the first picture that leans on it; the others; a place left empty.
            chunks += [units[at] + units[at + 1], *units[at + 2 : last], _NOTHING]
        at = last
    return chunks


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def _list(kind: bytes, data: bytes) -> bytes:
    return _chunk(b"LIST", kind + data)
