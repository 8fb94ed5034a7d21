"""Keeps glibc from handing large blocks back to the kernel after every use.

A network allocates and frees tens of MiB per layer. glibc maps such blocks afresh each time, and
the page faults cost up to half of a small network's time on a CPU. Raising two thresholds makes it
keep and reuse them instead. That holds for the main arena alone: in the arenas that other threads
get, no block can exceed 64 MiB and larger ones are mapped afresh. So there is to be one arena.
"""

from __future__ import annotations

import ctypes
import sys

# <malloc.h>
_M_TRIM_THRESHOLD = -1
_M_TOP_PAD = -2
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_LARGEST_INT = 2**31 - 1


def keep_freed_memory() -> bool:
    """Tell the C library to reuse freed memory; for the whole process, harmless to repeat.

    Returns:
        Whether it was done: False on systems without glibc, where nothing is changed.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = (
        (_M_MMAP_THRESHOLD, 1 << 30),
        (_M_TRIM_THRESHOLD, _LARGEST_INT),
        (_M_TOP_PAD, 64 << 20),
        (_M_ARENA_MAX, 1),
    )
    done = [mallopt(name, value) == 1 for name, value in settings]
    return all(done)
