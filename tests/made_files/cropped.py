"""Files whose container hides the borders of the picture; written byte by byte, for no tool asks.

Matroska has PixelCropTop and its kin in the track's Video element (RFC 9559, 5.1.4.1.28.16 on).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from tests import witness

Rectangle = tuple[int, int, int, int]  # hidden at the left, top, right and bottom

_SEGMENT, _TRACKS, _ENTRY, _VIDEO = "18538067", "1654ae6b", "ae", "e0"
_VOID, _CRC = 0xEC, 0xBF
_CROPS = (b"\x54\xcc", b"\x54\xbb", b"\x54\xdd", b"\x54\xaa")


def hide(path: Path, hidden: Rectangle) -> Path:
    """A copy of a Matroska file whose Video element hides borders of under 256 samples."""
    data = bytearray(path.read_bytes())
    more = b"".join(name + bytes([0x81, n]) for name, n in zip(_CROPS, hidden, strict=True))
    found = dict(_elements(data, 0, len(data)))
    body, _ = found[_VIDEO]
    for name in (_TRACKS, _ENTRY, _VIDEO):
        _resize(data, found[name][0], len(more))
    # The empty space before the tracks gives way, so that nothing behind them moves.
    void, _ = found["void"]
    _resize(data, void, -len(more))
    checksum, _ = found["crc"]
    data[checksum - 2] = _VOID
    data[body:body] = more
    del data[void : void + len(more)]
    hiding = path.with_name(f"hiding-{path.name}")
    hiding.write_bytes(data)
    return hiding


def hide_in(path: Path, hidden: Rectangle, name: str) -> Path:
    """The same in MOV or MP4, as a ``clap`` atom, written by the witness."""
    hiding = hide(path, hidden)
    other = path.with_name(name)
    witness.run("-i", hiding, "-c", "copy", other)
    assert b"clap" in other.read_bytes()
    return other


def aperture(path: Path, size: tuple[int, int]) -> Path:
    """A copy of a MOV file with a ``clap`` atom of this size around the middle."""
    return with_atom(path, b"clap", struct.pack(">8i", size[0], 1, size[1], 1, 0, 1, 0, 1))


def with_atom(path: Path, name: bytes, content: bytes) -> Path:
    """A copy of a MOV or MP4 file, its index at the end, with an atom more in its first track."""
    data = bytearray(path.read_bytes())
    atom = struct.pack(">I4s", 8 + len(content), name) + content
    at, parents = 0, []
    for parent in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"):
        while data[at + 4 : at + 8] != parent:
            at += int.from_bytes(data[at : at + 4])
        parents.append(at)
        at += 8
    at += 8  # version, flags and number of entries come before the only entry
    end = at + int.from_bytes(data[at : at + 4])
    for begin in (*parents, at):
        longer = int.from_bytes(data[begin : begin + 4]) + len(atom)
        data[begin : begin + 4] = longer.to_bytes(4)
    data[end:end] = atom
    other = path.with_name(f"{name.decode()}-{path.name}")
    other.write_bytes(data)
    return other


def _elements(data: bytearray, at: int, end: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """(name, (begin, end) of the content) of what leads to the tracks, and the empty space."""
    before_tracks = True
    while at < end:
        id_length = 9 - data[at].bit_length()
        name = data[at : at + id_length].hex()
        first = data[at + id_length]
        length = 9 - first.bit_length()
        body = at + id_length + length
        size = int.from_bytes(data[at + id_length : body]) & ((1 << 7 * length) - 1)
        stop = min(body + size, end)
        if name in {_SEGMENT, _TRACKS, _ENTRY, _VIDEO}:
            before_tracks = before_tracks and name != _TRACKS
            yield name, (body, stop)
            yield from _elements(data, body, stop)
        elif name == f"{_VOID:x}" and size > 40 and before_tracks:
            yield "void", (body, stop)
        elif name == f"{_CRC:x}" and stop - body == 4:
            yield "crc", (body, stop)
        at = stop


def _resize(data: bytearray, body: int, by: int) -> None:
    """Change the size that stands before an element's content; its own length must do."""
    for length in range(1, 9):
        if data[body - length].bit_length() == 9 - length:
            mask = (1 << 7 * length) - 1
            size = int.from_bytes(data[body - length : body])
            changed = (size & mask) + by
            assert 0 <= changed < mask
            data[body - length : body] = ((size & ~mask) | changed).to_bytes(length)
            return
    raise AssertionError("no size before this element")
