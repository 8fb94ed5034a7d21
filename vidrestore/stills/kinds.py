"""Which kinds of photos there are: how each is known, and what it can hold."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vidrestore.config import PHOTOS
from vidrestore.video.demux.files import is_pattern

_HEAD: Final = 32


class UnsupportedError(Exception):
    """A picture that is whole holds samples of a kind that is not read; the text says which."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A file format of pictures.

    Attributes:
        name: as Pillow calls it.
        endings: of its files' names, the usual one first.
        longest: side of the largest picture it holds, px.
        alpha: whether it holds transparency.
        gray: whether it holds pictures of one channel.
        deep: whether 16 bits are kept in it.
        pages: whether it holds several pictures.
        exact: whether it keeps every sample as it is.
        holds: of "icc", "exif", "xmp", "iptc" and "dpi" those that it has a place for.
    """

    name: str
    endings: tuple[str, ...]
    longest: int
    alpha: bool = True
    gray: bool = True
    deep: bool = False
    pages: bool = False
    exact: bool = True
    holds: frozenset[str] = frozenset({"icc", "exif", "xmp"})


def _endings(name: str) -> tuple[str, ...]:
    return tuple(ending for ending, kind in PHOTOS.items() if kind == name)


_ALL = frozenset({"icc", "exif", "xmp", "iptc", "dpi"})
_ENDLESS = (1 << 31) - 1

JPEG: Final = Kind("JPEG", _endings("JPEG"), 65500, alpha=False, exact=False, holds=_ALL)
PNG: Final = Kind("PNG", _endings("PNG"), _ENDLESS, deep=True, holds=_ALL - {"iptc"})
TIFF: Final = Kind("TIFF", _endings("TIFF"), _ENDLESS, deep=True, pages=True, holds=_ALL)
WEBP: Final = Kind("WEBP", _endings("WEBP"), 16383, gray=False)
BMP: Final = Kind("BMP", _endings("BMP"), 65535, alpha=False, holds=frozenset({"dpi"}))
AVIF: Final = Kind("AVIF", _endings("AVIF"), 65536, gray=False, exact=False)
HEIF: Final = Kind("HEIF", _endings("HEIF"), 65535, gray=False, exact=False)

_KINDS = (JPEG, PNG, TIFF, WEBP, BMP, AVIF, HEIF)

_SIGNATURES = {
    b"\xff\xd8\xff": JPEG,
    b"\x89PNG\r\n\x1a\n": PNG,
    **dict.fromkeys((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), TIFF),
    b"BM": BMP,
}
# Of files made of boxes (ISO/IEC 14496-12), by the brand in the first one.
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), AVIF),
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis"), HEIF),
    **dict.fromkeys((b"mif1", b"msf1"), HEIF),
}


def kind_of_name(path: str | Path) -> Kind | None:
    """The kind that a name's ending asks for; None if it is no photo's."""
    ending = Path(path).suffix.lower()
    return next((kind for kind in _KINDS if ending in kind.endings), None)


def kind_of_head(head: bytes) -> Kind | None:
    """The kind of a file by its first 32 bytes; None if they are no photo's."""
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    if head[:4] == b"RIFF":
        return WEBP if head[8:12] == b"WEBP" else None
    return next((kind for mark, kind in _SIGNATURES.items() if head.startswith(mark)), None)


def is_still_name(path: str | Path) -> bool:
    """Whether a result of this name is one photo, and no video and no numbered pictures."""
    return kind_of_name(path) is not None and not is_pattern(os.fspath(path))


def is_still_file(path: str | Path) -> bool:
    """Whether there is a file of this name that begins as photos do."""
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(number, "rb") as file:
            regular = stat.S_ISREG(os.fstat(number).st_mode)
            return regular and kind_of_head(file.read(_HEAD)) is not None
    except (OSError, ValueError):
        return False  # who opens it tells why
