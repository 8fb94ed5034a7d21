"""The width of pixels in AVI files, which PyAV cannot tell FFmpeg's muxer: OpenDML's "vprp"."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

# So much is looked at for the header; the muxer pads it to a few kilobytes.
_MOST_HEADER = 1 << 20

# Format, standard, rate, and the size in samples; the aspect's two halves; fields, their size.
_PROPERTIES = struct.Struct("<9I")
_FIELD = struct.Struct("<8I")


def amend(path: Path, aspect: Fraction) -> None:
    """Write the width of the first stream's pixels over the height into a finished file.

    Raises:
        OSError: if the file cannot be written.
        ValueError: if it is not what FFmpeg's muxer writes, or has no room.
    """
    with path.open("r+b") as file:
        data = file.read(_MOST_HEADER)
        header, padding, stream = _places(data)
        wide = _chunk(b"vprp", _properties(data, stream, aspect))
        room = padding[1] - padding[0] - len(wide)
        if room < 8:
            raise ValueError("its header has no room")
        at = stream[1]
        moved = data[at : padding[0]]
        out = bytearray(data[: padding[1]])
        out[at : padding[1]] = wide + moved + _chunk(b"JUNK", bytes(room - 8))
        for begin, end in (header, stream):
            out[begin + 4 : begin + 8] = (end - begin - 8 + len(wide)).to_bytes(4, "little")
        file.seek(0)
        file.write(out)


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "little") + content


def _chunks(data: bytes, begin: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, begin and end of chunks; a list's name is that of its kind."""
    while begin + 8 <= end:
        size = int.from_bytes(data[begin + 4 : begin + 8], "little")
        name = data[begin : begin + 4]
        yield data[begin + 8 : begin + 12] if name == b"LIST" else name, begin, begin + 8 + size
        begin += 8 + size + size % 2


def _places(data: bytes) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Begin and end of the header, of the padding behind it, and of the first stream's list."""
    found: dict[bytes, tuple[int, int]] = {}
    for name, begin, end in _chunks(data, 12, len(data)):
        if name == b"movi":
            break
        found[name] = begin, end
        if name == b"hdrl":
            inner = _chunks(data, begin + 12, end)
            found[b"strl"] = next((b, e) for kind, b, e in inner if kind == b"strl")
    if not found.keys() >= {b"hdrl", b"strl", b"JUNK"}:
        raise ValueError("it has no header where it should be")
    return found[b"hdrl"], found[b"JUNK"], found[b"strl"]


def _properties(data: bytes, stream: tuple[int, int], aspect: Fraction) -> bytes:
    """What OpenDML states of a progressive picture's shape."""
    chunks = {kind: begin for kind, begin, _ in _chunks(data, stream[0] + 12, stream[1])}
    width, height = struct.unpack_from("<2i", data, chunks[b"strf"] + 12)
    scale, rate = struct.unpack_from("<2I", data, chunks[b"strh"] + 28)
    height = abs(height)
    # The aspect is one of two numbers of 16 bits.
    shown = (width * aspect / height).limit_denominator(0xFFFF)
    while shown.numerator > 0xFFFF:
        shown = shown.limit_denominator(shown.denominator // 2)
    ratio = shown.numerator << 16 | shown.denominator
    hertz = round(Fraction(rate, scale or 1))
    sizes = (width, height, ratio, width, height, 1)
    field = _FIELD.pack(height, width, height, width, 0, 0, 0, 0)
    return _PROPERTIES.pack(0, 0, hertz, *sizes) + field
