"""Errors of libraries that mean a lack of memory, told by what they say."""

from __future__ import annotations

from typing import Final

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
