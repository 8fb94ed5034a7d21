"""One process at a time at a file of the weights folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

_POLL_SECONDS = 0.2


@contextmanager
def locked(path: Path, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock of a file; the folder is made if need be.

    The lock is the operating system's on an empty ``.NAME.lock`` beside the file: it ends with the
    process that holds it, however that ends. The empty file stays, as removing it would let two
    processes hold different files of one name.

    Args:
        path: what is to be written.
        waiting: called once if another process, or thread, holds the lock.

    Raises:
        OSError: the folder or the lock's file cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if waiting is not None:
            waiting()
        lock.acquire(timeout=-1, poll_interval=_POLL_SECONDS)
    try:
        yield
    finally:
        lock.release()
