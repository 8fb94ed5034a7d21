"""One writer per result: what is in the making is locked for as long as its process lives.

A killed process lets go of its lock by itself, so what can be locked is of no use to anybody.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: nothing is locked there, and names are drawn by lot.
    fcntl = None  # type: ignore[assignment]


_LOCKS = Path("/proc/locks")


class NoLocksError(OSError):
    """The system or the file system knows no locks."""


def claim_file(path: Path) -> int:
    """Make an empty file that is this process's alone; what a killed one left there is removed.

    Returns:
        A handle; closing it gives the claim up.

    Raises:
        BlockingIOError: a living process holds it.
        NoLocksError: if nothing can be locked here.
        OSError: if it cannot be made.
    """

    def make() -> int:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)

    while True:
        handle = _locked(path, make, path.unlink)
        found = os.fstat(handle)
        # Another name for it: killed between taking the final name and dropping this one.
        if not found.st_size and found.st_nlink == 1:
            return handle
        path.unlink(missing_ok=True)
        os.close(handle)


def holder(path: Path) -> int | None:
    """The process that holds a file or folder; None where the system does not say (all but Linux).

    A line of ``/proc/locks`` is "1: FLOCK ADVISORY WRITE 1234 08:01:5678 0 EOF".
    """
    try:
        inode = str(path.stat().st_ino)
        lines = _LOCKS.read_text().splitlines()
    except OSError:
        return None
    for _, kind, _, _, process, place, *_ in (line.split() for line in lines if "->" not in line):
        if kind == "FLOCK" and place.rpartition(":")[2] == inode:
            return int(process)
    return None


def claim_folder(path: Path) -> int:
    """Make a folder, or take over one that no living process holds, with what is in it.

    Returns:
        A handle; closing it gives the claim up.

    Raises:
        BlockingIOError: a living process holds it.
        NoLocksError: if nothing can be locked here.
        OSError: if it cannot be made.
    """

    def make() -> int:
        with suppress(FileExistsError):
            path.mkdir(0o700)
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)

    return _locked(path, make, path.rmdir)


def _locked(path: Path, make: Callable[[], int], remove: Callable[[], None]) -> int:
    """Open until what is locked is still what has the name; remove it if nothing can be locked."""
    if fcntl is None:
        raise NoLocksError("no locks on this system")
    while True:
        handle = make()
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _named(handle, path):
                return handle
        except BlockingIOError:
            os.close(handle)
            raise
        except OSError as error:
            os.close(handle)
            with suppress(OSError):
                remove()
            raise NoLocksError(*error.args) from error
        os.close(handle)


def _named(handle: int, path: Path) -> bool:
    """Whether the open file still has its name: its writer may have published or removed it."""
    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(handle), there)
