"""EXIF as bytes: what a turned or enlarged picture makes untrue is changed in place.

EXIF is a TIFF file without pictures (CIPA DC-008, 4.5; TIFF 6.0, section 2). Only numbers of fixed
places are written over, so that all else, makers' notes among it, stays byte for byte.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Final

PREFIX: Final = b"Exif\0\0"
_ORIENTATION, _EXIF_IFD = 0x0112, 0x8769
_WIDTHS, _HEIGHTS = (0x0100, 0xA002), (0x0101, 0xA003)
_SHORT, _LONG = 3, 4
_MOST_DIRECTORIES = 1 << 14
_XMP_ORIENTATION = re.compile(rb"(tiff:Orientation\s*(?:=\s*[\"']|>)\s*)\d")


def settled(exif: bytes, width: int, height: int) -> bytes:
    """EXIF for a picture that is upright and of another size, without a small picture of its own.

    Args:
        exif: from its byte order on; what is no EXIF comes back as it is.
        width: of the picture as it is written, px.
        height: likewise.
    """
    data = bytearray(exif)
    try:
        order, first = _header(data)
        _set(data, order, first, (_ORIENTATION,), 1)
        for place in (first, _pointer(data, order, first, _EXIF_IFD)):
            if place:
                _set(data, order, place, _WIDTHS, width)
                _set(data, order, place, _HEIGHTS, height)
        # The second directory describes the small picture, which shows the old one.
        (entries,) = struct.unpack_from(f"{order}H", data, first)
        struct.pack_into(f"{order}I", data, first + 2 + 12 * entries, 0)
    except struct.error:
        return exif
    return bytes(data)


def pages_apart(data: bytearray) -> list[int]:
    """Have every page of a TIFF file say that it is stored upright, and that none follows it.

    Args:
        data: the file, which is changed.

    Returns:
        Where each page's directory begins; none for what is no TIFF, or is of the kind for more
        than 4 GB.
    """
    places: list[int] = []
    try:
        order, place = _header(data)
        while place and len(places) < _MOST_DIRECTORIES:
            places.append(place)
            _set(data, order, place, (_ORIENTATION,), 1)
            (entries,) = struct.unpack_from(f"{order}H", data, place)
            link = place + 2 + 12 * entries
            (place,) = struct.unpack_from(f"{order}I", data, link)
            struct.pack_into(f"{order}I", data, link, 0)
    except struct.error:  # it ends there: what reads the page tells why
        pass
    return places


def begin_with(data: bytearray, place: int) -> None:
    """Have a TIFF file begin with the page whose directory is at a place."""
    order, _ = _header(data)
    struct.pack_into(f"{order}I", data, 4, place)


def upright_xmp(xmp: bytes) -> bytes:
    """XMP that says, if anything, that its picture is stored upright."""
    return _XMP_ORIENTATION.sub(rb"\g<1>1", xmp)


def _header(data: bytearray) -> tuple[str, int]:
    """The byte order as ``struct`` writes it, and the place of the first directory."""
    order = "<" if data[:2] == b"II" else ">"
    mark, first = struct.unpack_from(f"{order}2xHI", data)
    if mark != 42:
        raise struct.error("no TIFF")
    return order, first


def _entries(data: bytearray, order: str, place: int) -> Iterator[tuple[int, int, int]]:
    """(tag, type, place of the value) of a directory's entries of one value."""
    (entries,) = struct.unpack_from(f"{order}H", data, place)
    for index in range(entries):
        at = place + 2 + 12 * index
        tag, kind, count = struct.unpack_from(f"{order}HHI", data, at)
        if count == 1:
            yield tag, kind, at + 8


def _pointer(data: bytearray, order: str, place: int, wanted: int) -> int:
    for tag, kind, at in _entries(data, order, place):
        if tag == wanted and kind == _LONG:
            return int(struct.unpack_from(f"{order}I", data, at)[0])
    return 0


def _set(data: bytearray, order: str, place: int, tags: tuple[int, ...], value: int) -> None:
    """Write a value over those of these tags that are there."""
    for tag, kind, at in _entries(data, order, place):
        if tag in tags and kind in {_SHORT, _LONG}:
            if kind == _SHORT and value > 0xFFFF:
                continue
            struct.pack_into(f"{order}{'H' if kind == _SHORT else 'I'}", data, at, value)
