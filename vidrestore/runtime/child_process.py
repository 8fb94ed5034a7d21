"""Work in a process of its own: it can be limited and ended, and takes nothing down with it.

Limits are those of the system: of processor time on Linux and macOS, of memory on Linux; Windows
has neither.
"""

from __future__ import annotations

import math
import os
import sys
import time
from pathlib import Path
from typing import IO

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_MAPPED = Path("/proc/self/statm")


def command(module: str, *words: str) -> list[str]:
    """The command line that runs a module of this package."""
    return [sys.executable, "-m", module, *words]


def environment() -> dict[str, str]:
    """The environment in which it is found, whatever this program's path was set to."""
    package = Path(__file__).resolve().parents[2]
    return os.environ | {"PYTHONPATH": os.pathsep.join((str(package), *sys.path[1:]))}


def answers() -> IO[bytes]:
    """Take standard output for messages to the parent, to be flushed after each.

    What libraries print goes nowhere from now on.
    """
    taken = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return taken


def limit_time(seconds: float) -> None:
    """Have the system end this process (SIGXCPU) after so much more of the processor's time."""
    if resource is not None:
        _lower(resource.RLIMIT_CPU, math.ceil(time.process_time() + seconds))


def limit_memory(size: int) -> None:
    """Have allocations fail that take more bytes than are mapped now and so many more."""
    if resource is not None and _MAPPED.exists():
        mapped = int(_MAPPED.read_text().split()[0]) * resource.getpagesize()
        _lower(resource.RLIMIT_AS, mapped + size)


def limit_file(size: int) -> None:
    """Have writes fail (EFBIG) that would make a file longer than so many bytes."""
    if resource is not None:
        _lower(resource.RLIMIT_FSIZE, size)


def _lower(kind: int, most: int) -> None:
    """Set a limit, within what this process may set."""
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
