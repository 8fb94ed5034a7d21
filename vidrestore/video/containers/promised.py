"""How long a file is by what its own boxes, chunks or elements say: a cut-off one is shorter."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

# The first bytes of a Matroska file and of what holds all of its data (RFC 8794, RFC 9559).
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
# What an MP4 or MOV file may begin with (ISO/IEC 14496-12, QuickTime File Format).
_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"})
# The first two objects of an ASF file: its head and its data (Advanced Systems Format, 3.1, 5.1).
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
# Files hold a few such parts; more are noise.
_MOST_PARTS = 10_000

# Reads the head of a part; gives its whole length, None if that is unknown or it is no such part.
_Length = Callable[[bytes], int | None]


def missing_bytes(path: str | Path) -> int:
    """How many bytes a file lacks of what it says to have; 0 if it lacks none or says nothing."""
    try:
        with Path(path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            length = _kind(file.read(16))
            return 0 if length is None else _beyond(file, size, length)
    except OSError:
        # Whoever reads the file for good will say so.
        return 0


def _kind(head: bytes) -> _Length | None:
    if head.startswith(b"RIFF"):
        return _riff
    if head.startswith(_EBML):
        return _ebml
    if head[4:8] in _BOXES:
        return _box
    return _asf if head.startswith(_ASF) else None


def _beyond(file: BinaryIO, size: int, length: _Length) -> int:
    """Walk from part to part; how far the last one reaches beyond the end."""
    at = 0
    for _ in range(_MOST_PARTS):
        file.seek(at)
        part = length(file.read(24))
        if part is None:
            return 0
        at += part
        if at >= size:
            return at - size
    return 0


def _riff(head: bytes) -> int | None:
    size = int.from_bytes(head[4:8], "little")
    # Written to a pipe, the size stays what it was at first.
    if head[:4] != b"RIFF" or size in {0, 0xFFFFFFFF}:
        return None
    return 8 + size + size % 2


def _box(head: bytes) -> int | None:
    size = int.from_bytes(head[:4], "big")
    if size == 1 and len(head) >= 16:
        size = int.from_bytes(head[8:16], "big")
    # 0 is "to the end of the file"; less than a head is noise.
    return size if size >= 8 and head[4:8].isalnum() else None


def _ebml(head: bytes) -> int | None:
    if not head.startswith((_EBML, _SEGMENT)) or len(head) < 5 or not head[4]:
        return None
    width = 9 - head[4].bit_length()
    value = int.from_bytes(head[4 : 4 + width], "big") & ((1 << 7 * width) - 1)
    # All ones: unknown, as of a live recording.
    return None if value == (1 << 7 * width) - 1 else 4 + width + value


def _asf(head: bytes) -> int | None:
    size = int.from_bytes(head[16:24], "little")
    return size if size >= 24 and head.startswith((_ASF, _ASF_DATA)) else None
