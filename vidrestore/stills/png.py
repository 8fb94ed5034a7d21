"""PNG files as chunks (ISO/IEC 15948): what Pillow and OpenCV do not carry over by themselves."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
Chunk = tuple[bytes, bytes]

_HEADER_LENGTH = 25  # of the first chunk, IHDR
# What colours mean, when the picture was made, and text.
_KEPT = frozenset({b"cHRM", b"gAMA", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"tIME"})
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_XMP = b"XML:com.adobe.xmp\0"
_LONGEST, _MOST = 1 << 20, 1 << 23  # of one chunk that is kept, and of all, bytes
_METRES_PER_INCH = 0.0254


def kept_chunks(path: str) -> tuple[Chunk, ...]:
    """The chunks of a file that a result takes over as they are.

    Raises:
        ValueError: it ends within one.
    """
    found, total = [], 0
    with Path(path).open("rb") as file:
        for name, length in _walk(file):
            wanted = name in _KEPT or name in _TEXTS
            if not wanted or length > _LONGEST or total + length > _MOST:
                continue
            body = file.read(length)
            if len(body) < length:
                raise ValueError("a chunk is incomplete")
            if not body.startswith(_XMP):
                found.append((name, body))
                total += length
    return tuple(found)


def with_chunks(data: bytes, chunks: Sequence[Chunk]) -> bytes:
    """A PNG with more chunks, right after its header."""
    end = len(SIGNATURE) + _HEADER_LENGTH
    return data[:end] + b"".join(_written(*chunk) for chunk in chunks) + data[end:]


def profile_chunk(icc: bytes) -> Chunk:
    """A colour profile."""
    return b"iCCP", b"ICC Profile\0\0" + zlib.compress(icc)


def exif_chunk(exif: bytes) -> Chunk:
    """EXIF, from its byte order on."""
    return b"eXIf", exif


def xmp_chunk(xmp: bytes) -> Chunk:
    """A packet of XMP."""
    return b"iTXt", _XMP + b"\0\0\0\0" + xmp


def density_chunk(dpi: tuple[float, float]) -> Chunk:
    """Dots per inch across and down."""
    per_metre = (round(value / _METRES_PER_INCH) for value in dpi)
    return b"pHYs", struct.pack(">IIB", *per_metre, 1)


def _walk(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Name and length of each chunk, the file standing at its contents."""
    place = len(SIGNATURE)
    while True:
        file.seek(place)
        head = file.read(8)
        if len(head) < 8:
            return
        length, name = struct.unpack(">I4s", head)
        yield name, length
        place += 12 + length


def _written(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
