"""Keeping what comes through a pipe, because the source is read more than once."""

from __future__ import annotations

import os
import select
import shutil
import stat
import sys
import threading
from pathlib import Path

from vidrestore.errors import InputError, Interrupted
from vidrestore.video.demux.files import reason

STANDARD_INPUT = "-"
_CHUNK = 1 << 20
# How long a Ctrl-C may go unnoticed while nothing comes.
_STOP_POLL_SECONDS = 0.1


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
    target = Path(folder) / "spool"
    size = 0
    try:
        handle = sys.stdin.fileno() if path == STANDARD_INPUT else _opened(path)
        try:
            with target.open("wb") as file:
                while chunk := _read(handle, stop):
                    size += len(chunk)
                    if size > limit:
                        raise InputError(
                            f"{name} holds more than {limit / 1e9:g} GB; raise input.spool or "
                            "save it as a file and name that"
                        )
                    file.write(chunk)
        finally:
            if path != STANDARD_INPUT:
                os.close(handle)
    except (OSError, ValueError) as error:
        free = shutil.disk_usage(folder).free
        raise InputError(
            f"{name} cannot be copied to {folder}: {reason(error)} ({free / 1e9:.1f} GB free; "
            "TMPDIR names another folder)"
        ) from error
    if not size:
        raise InputError(f"{name} is empty: nothing came through the pipe")
    return os.fspath(target)


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
