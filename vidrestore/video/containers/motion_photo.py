"""The film that phones put behind a photo (motion photos, live photos in one file)."""

from __future__ import annotations

from pathlib import Path

# Phones' photos have some megabytes; a film behind more than this is not looked for.
_MOST = 256 << 20
_PHOTOS = frozenset({".jpg", ".jpeg", ".heic", ".heif", ".avif", ".png", ".webp"})
_KINDS = (b"mp4", b"isom", b"iso", b"avc1", b"qt  ", b"MSNV", b"M4V")


def film_behind(path: str | Path) -> int | None:
    """Where an MP4 or MOV file begins within a photo's; None if there is none.

    Raises:
        OSError: if the file cannot be read.
    """
    path = Path(path)
    if path.suffix.lower() not in _PHOTOS or not path.is_file() or path.stat().st_size > _MOST:
        return None
    data = path.read_bytes()
    # A HEIC photo begins with such a box itself.
    at = data.find(b"ftyp", 12)
    while at >= 0:
        size = int.from_bytes(data[at - 4 : at])
        if 16 <= size <= 256 and data[at + 4 : at + 8].startswith(_KINDS):
            return at - 4
        at = data.find(b"ftyp", at + 4)
    return None


def film_warning(begin: int) -> str:
    """What to say of a film behind a photo, and how to get at it."""
    return (
        f"a film lies behind this photo, from byte {begin + 1} on; it is not restored: "
        f"tail -c +{begin + 1} would take it out"
    )
