"""Files that have their name only once they are whole, even if the power goes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

_NAME_ROOM: Final = 200
"""Bytes of a name that are kept in a hidden one: file systems allow 255."""


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file beside ``path``, which takes that name at the end, in one step.

    What had the name is replaced then. After an error in the block nothing is left behind.

    Raises:
        OSError: it cannot be written.
    """
    stem = os.fsdecode(os.fsencode(path.name)[:_NAME_ROOM])
    hidden = path.with_name(f".{stem}.{os.getpid()}.part")
    try:
        with hidden.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        hidden.replace(path)
        sync_folder(path.parent)
    finally:
        with suppress(OSError):
            hidden.unlink(missing_ok=True)


def unwritten(path: Path, error: OSError | ValueError) -> str:
    """Why a file cannot be written, and what to do where its folder is missing."""
    if isinstance(error, FileNotFoundError) and not path.parent.exists():
        return f"the folder {path.parent} does not exist; create it first"
    said = getattr(error, "strerror", None) or str(error)
    return said[:1].lower() + said[1:]


def sync(path: Path, flags: int) -> None:
    """Have the content of a file reach the disk.

    Args:
        path: the file.
        flags: what it is opened with, see ``os.open``.

    Raises:
        OSError: it cannot be.
    """
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Have the names of files in a folder reach the disk, where a file system can."""
    if os.name == "posix":
        with suppress(OSError):
            sync(folder, os.O_RDONLY)
