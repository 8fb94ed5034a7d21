"""Edit lists of MP4 files, rewritten by hand: what of a track is shown, and from where on."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path


def _boxes(data: bytes | bytearray, kind: bytes) -> list[int]:
    """Places of all boxes of a kind, as long as no sample happens to look like one."""
    places, at = [], data.find(kind)
    while at >= 0:
        places.append(at)
        at = data.find(kind, at + 1)
    return places


def _timescale(data: bytes | bytearray, box: int) -> int:
    """Of a version 0 mvhd or mdhd box."""
    scale: int = struct.unpack_from(">I", data, box + 16)[0]
    return scale


def edited(path: Path, edits: list[tuple[Fraction, Fraction]]) -> Path:
    """A copy whose n-th track shows ``edits[n]`` of its samples: (from, until) in seconds.

    Times are the track's own: with reordered pictures the first one's is not zero.
    """
    data = bytearray(path.read_bytes())
    film = _timescale(data, _boxes(data, b"mvhd")[0])
    media = [_timescale(data, box) for box in _boxes(data, b"mdhd")]
    lists = _boxes(data, b"elst")
    for box, scale, (begin, end) in zip(lists, media, edits, strict=True):
        version, count = data[box + 4], struct.unpack_from(">I", data, box + 8)[0]
        assert (version, count) == (0, 1)
        struct.pack_into(">Ii", data, box + 12, round((end - begin) * film), round(begin * scale))
    out = path.with_name(f"edited-{path.name}")
    out.write_bytes(data)
    return out
