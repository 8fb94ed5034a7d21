"""Files that are marked as 3D and as a sphere, byte by byte, for FFmpeg's binary adds no marks."""

from __future__ import annotations

import struct
from pathlib import Path

from tests import witness
from tests.made_files.cropped import with_atom


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def marked(path: Path, name: str) -> Path:
    """A copy of an MP4 file, its index at the end, that shows a sphere, one view beside the other.

    Args:
        path: of the file.
        name: of the copy, whose ending is that of an MP4 or Matroska file.
    """
    projection = _box(b"prhd", bytes(16)) + _box(b"equi", bytes(20))
    sphere = _box(b"svhd", bytes(4) + b"test\0") + _box(b"proj", projection)
    one = with_atom(path, b"st3d", bytes(4) + b"\x02")
    both = with_atom(one, b"sv3d", sphere)
    out = path.with_name(name)
    if out.suffix == ".mp4":
        return both.rename(out)
    witness.run("-i", both, "-c", "copy", "-strict", "unofficial", out)
    return out
