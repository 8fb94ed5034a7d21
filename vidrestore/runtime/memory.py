"""Errors of libraries that mean a lack of memory, told by what they say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from vidrestore.errors import NoMemoryError, VidrestoreError

TOO_LITTLE: Final = (
    "there is too little memory; close other programs or raise the limit (ulimit -v)"
)

# How the loader of shared libraries, allocators and the starter of threads say so; torch raises a
# RuntimeError.
_SIGNS: Final = (
    *("failed to map segment", "Cannot allocate memory", "cannot allocate", "can't allocate"),
    *("can't start new thread", "Insufficient memory", "bad_alloc", "bad allocation"),
    "not enough memory",
)


def lacks_memory(error: BaseException) -> bool:
    """Whether an error of a library means that there is too little memory."""
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in _SIGNS)


@contextmanager
def lack_told() -> Iterator[None]:
    """A job is done in the block; what libraries raise where memory is short is told in a line.

    Raises:
        NoMemoryError: there was too little, with what the job has noted of what is left of it.
    """
    try:
        yield
    except VidrestoreError:
        raise
    except Exception as error:
        if not lacks_memory(error):
            raise
        told = NoMemoryError(TOO_LITTLE)
        for note in getattr(error, "__notes__", ()):
            told.add_note(note)
        raise told from error
