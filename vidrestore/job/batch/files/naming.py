"""What results are called: as their sources, in names that every file system takes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pathvalidate import sanitize_filename

from vidrestore.config import PHOTOS, Config, video_ending

# File systems allow names of 255 bytes; what is in the making has a longer one, and so has its
# report.
_NAME_ROOM: Final = 180
_PATTERN: Final = re.compile(r"%(?=\d*d)", re.ASCII)


def ending(source: Path, config: Config, container: str) -> str:
    """How a result's name ends.

    Args:
        source: the video, or a photo, whose result is of its own kind.
        config: its options.
        container: as asked for of videos; "auto" keeps the source's own where it can be written
            and holds what the encoder makes.
    """
    own = source.suffix.lower()
    if own in PHOTOS:
        return own
    return video_ending(own, config) if container == "auto" else f".{container}"


def safe(inside: Path, end: str, taken: Callable[[Path], bool]) -> Path:
    """Where a result lies below the folder of results.

    Characters that a file system may refuse become ``_``, and so do names that systems keep for
    themselves (``CON``); what is not UTF-8 is written as ``%xx``. Names that differ in nothing but
    their end, or in nothing but capitals, are told apart by the source's own end, then by numbers.

    Args:
        inside: the source's place below the folder that was searched.
        end: of the result's name.
        taken: whether another result has a name.
    """
    folder = Path(*(_part(part) for part in inside.parts[:-1]))
    stem, own = _part(inside.stem), _part(inside.suffix.lstrip("."))
    names = [f"{stem}{end}", f"{stem}.{own}{end}"]
    number = 2
    while True:
        for name in names:
            if not taken(folder / name):
                return folder / name
        names = [f"{stem}.{number}{end}"]
        number += 1


def _part(text: str) -> str:
    """A name that is safe everywhere, and short enough to be built upon."""
    shown = text if _is_text(text) else _percent(text)
    # A pattern would ask for numbered pictures.
    shown = _PATTERN.sub("_", shown)
    name = sanitize_filename(shown, replacement_text="_", platform="universal", max_len=None)
    while len(name.encode()) > _NAME_ROOM:
        name = name[:-1]
    return name.rstrip(" .") or "_"


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _percent(text: str) -> str:
    return "".join(
        char if char.isprintable() and char.isascii() else f"%{byte:02x}"
        for byte in os.fsencode(text)
        for char in (chr(byte),)
    )
