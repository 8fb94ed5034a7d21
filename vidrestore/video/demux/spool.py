"""Keeping what comes through a pipe or an open file, because a source is read more than once."""

from __future__ import annotations

import os
import select
import shutil
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from vidrestore.errors import InputError, Interrupted
from vidrestore.video.demux.files import reason

STANDARD_INPUT = "-"
_CHUNK = 1 << 20
# How long a Ctrl-C may go unnoticed while nothing comes.
_STOP_POLL_SECONDS = 0.1


class Readable(Protocol):
    """An open binary file, or anything that reads as one."""

    def read(self, size: int, /) -> bytes | None:
        """At most so many of the bytes that follow; none at the end."""
        ...


def name_of(source: object) -> str:
    """What an open file is called in messages."""
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else f"<{type(source).__name__}>"


def is_pipe(path: str) -> bool:
    """Whether the path names standard input, a FIFO or a device: what can be read only once."""
    if path == STANDARD_INPUT:
        return True
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def spool(path: str, folder: str, limit: int, stop: threading.Event | None = None) -> str:
    """Copy everything that comes through a pipe into a file.

    Args:
        path: "-" for standard input, or the name of a FIFO or device.
        folder: where the file is made.
        limit: bytes that it may grow to.
        stop: set it from anywhere to give up.

    Returns:
        The file's path.

    Raises:
        InputError: if nothing comes, more than ``limit`` comes, or the disk is full.
        Interrupted: ``stop`` was set.
    """
    name = "standard input" if path == STANDARD_INPUT else path
    with _as_input_error(name, folder):
        handle = sys.stdin.fileno() if path == STANDARD_INPUT else _opened(path)
        try:
            return _kept(lambda: _read(handle, stop), name, folder, limit)
        finally:
            if path != STANDARD_INPUT:
                os.close(handle)


def spool_object(
    source: Readable, folder: str, limit: int, stop: threading.Event | None = None
) -> str:
    """Copy what an open file still holds, from where it stands; it stays open.

    Arguments, result and errors are those of ``spool``.
    """

    def read() -> bytes:
        if stop is not None and stop.is_set():
            raise Interrupted("stopped before the file's end")
        try:
            chunk = source.read(_CHUNK)
        except (OSError, ValueError) as error:
            raise InputError(f"{name_of(source)} cannot be read: {reason(error)}") from error
        if isinstance(chunk, str):
            raise InputError(
                f"{name_of(source)} is open as text; open it as binary, with mode 'rb'"
            )
        return chunk or b""

    with _as_input_error(name_of(source), folder):
        return _kept(read, name_of(source), folder, limit)


def _kept(read: Callable[[], bytes], name: str, folder: str, limit: int) -> str:
    target, size = Path(folder) / "spool", 0
    with target.open("wb") as file:
        while chunk := read():
            size += len(chunk)
            if size > limit:
                raise InputError(
                    f"{name} holds more than {limit / 1e9:g} GB; raise input.spool or save it as a "
                    "file and name that"
                )
            file.write(chunk)
    if not size:
        raise InputError(f"{name} is empty: nothing came of it")
    return os.fspath(target)


@contextmanager
def _as_input_error(name: str, folder: str) -> Iterator[None]:
    """What fails in the block becomes an input error."""
    try:
        yield
    except (OSError, ValueError) as error:
        free = shutil.disk_usage(folder).free
        raise InputError(
            f"{name} cannot be copied to {folder}: {reason(error)} ({free / 1e9:.1f} GB free; "
            "TMPDIR names another folder)"
        ) from error


def _opened(path: str) -> int:
    # A FIFO that nobody writes to would block here, where no signal is looked for.
    return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))


def _read(handle: int, stop: threading.Event | None) -> bytes:
    """What is there next, waiting for it; nothing at the end."""
    while True:
        if stop is not None and stop.is_set():
            raise Interrupted("stopped before the pipe's end")
        # Elsewhere only sockets can be waited for; reading waits then, and so does a Ctrl-C.
        if os.name == "posix" and not select.select([handle], [], [], _STOP_POLL_SECONDS)[0]:
            continue
        try:
            return os.read(handle, _CHUNK)
        except BlockingIOError:
            continue
