"""What abandoned jobs have left: found, measured and removed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from vidrestore.errors import OutputError
from vidrestore.job.segments.journal import folder_of
from vidrestore.job.segments.store import PLAN, Store
from vidrestore.video.outputs.claim import claim_file
from vidrestore.video.outputs.outfile import temporary_of

_PART = ".part"


@dataclass(frozen=True, slots=True)
class Left:
    """The folder of a job's finished segments.

    Attributes:
        path: of the folder.
        size: bytes in it.
        held: whether a job is at work on it just now.
        foreign: what of it no job wrote; None if there is nothing. It stays then.
    """

    path: Path
    size: int
    held: bool
    foreign: str | None = None


def find_left(path: str | Path) -> list[Left]:
    """What jobs left of a result, or of all results in a folder; not in folders within.

    Args:
        path: the result's name, the folder ``RESULT.part``, or a folder with results.

    Raises:
        OutputError: there is no such file or folder, and nothing was left of one.
    """
    given = Path(os.path.realpath(path))
    if _is_ours(given):
        return [_left(given)]
    if _is_ours(folder_of(given)):
        return [_left(folder_of(given))]
    if given.is_dir():
        found = sorted(entry for entry in given.iterdir() if entry.name.endswith(_PART))
        return [_left(entry) for entry in found if _is_ours(entry)]
    if given.exists():
        return []
    raise OutputError(f"{path}: there is no such result, and nothing was left of one")


def remove_left(left: Left) -> None:
    """Remove the folder, if no job is at work on it.

    Raises:
        OutputError: a job is, it holds what no job wrote, or the system does not let go of
            something.
    """
    if _held(left.path):
        raise OutputError(f"{left.path} is being worked on; wait for that job, or end it")
    Store(left.path).clear()


def _is_ours(path: Path) -> bool:
    return path.name.endswith(_PART) and (path / PLAN).is_file()


def _left(path: Path) -> Left:
    size = sum(entry.stat().st_size for entry in path.iterdir())
    return Left(path, size, _held(path), Store(path).foreign())


def _held(folder: Path) -> bool:
    """Whether the result's own lock is taken."""
    target = Path(os.path.realpath(folder.with_name(folder.name.removesuffix(_PART))))
    lock = temporary_of(target)
    try:
        handle = claim_file(lock)
    except BlockingIOError:
        return True
    except OSError:
        return False
    os.close(handle)
    lock.unlink(missing_ok=True)
    return False
