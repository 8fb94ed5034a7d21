"""HDR with metadata that changes from picture to picture, put into files by hand."""

from __future__ import annotations

import re
import struct
from pathlib import Path

from tests import witness
from tests.made_files.cropped import with_atom

_START = b"\0\0\0\1"
_SEI = b"\x4e\x01"  # the header of NAL type 39
_FIRST_NOT_PICTURE = 32  # NAL types below hold slices


def hdr10_plus() -> bytes:
    """An SEI message of SMPTE ST 2094-40: one window, no percentiles, no tone curve."""
    bits = "".join(
        f"{value:0{width}b}"
        for value, width in (
            *((1, 2), (400, 27), (0, 1)),  # windows, the target's luminance, no actual peaks
            *((1000, 17), (900, 17), (800, 17), (500, 17), (0, 4), (0, 10)),
            *((0, 1), (0, 1), (0, 1)),
        )
    )
    packed = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8))
    # ITU-T T.35: United States, the provider, its code for ST 2094-40, application 4, version 1.
    message = b"\xb5\x00\x3c\x00\x01\x04\x01" + packed
    return _SEI + _escaped(bytes([4, len(message)]) + message + b"\x80")


def dolby_vision(path: Path, profile: int, compatible: int) -> Path:
    """A copy of an MP4 file that calls its pictures the base of Dolby Vision.

    Args:
        path: of HEVC or AV1, its index at the end.
        profile: such as 5 or 8.
        compatible: what the base shows by itself: 0 nothing, 1 HDR10, 4 HLG.
    """
    level, rpu, enhanced, base = 1, 1, 0, 1
    flags = profile << 9 | level << 3 | rpu << 2 | enhanced << 1 | base
    record = struct.pack(">BBHB", 1, 0, flags, compatible << 4) + bytes(19)
    return with_atom(path, b"dvvC" if profile > 7 else b"dvcC", record)


def _escaped(payload: bytes) -> bytes:
    return re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\0\0\3", payload)


def with_units(path: Path, unit: bytes) -> Path:
    """A copy of HEVC without B-frames, with a NAL unit before the slice of each picture."""
    raw, other = path.with_suffix(".hevc"), path.with_name(f"dynamic-{path.name}")
    witness.run("-i", path, "-c", "copy", "-bsf:v", "hevc_mp4toannexb", raw)
    made = b""
    for each in re.split(rb"\x00\x00\x00?\x01", raw.read_bytes())[1:]:
        picture = (each[0] >> 1) & 0x3F < _FIRST_NOT_PICTURE
        made += (_START + unit if picture else b"") + _START + each
    raw.write_bytes(made)
    witness.run("-r", "25", "-i", raw, "-c", "copy", "-bsf:v", "setts=ts=N/25/TB", other)
    return other
