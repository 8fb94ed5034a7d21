"""What opening a file may cost, tried out before anything depends on it.

A header of eight megabytes can name 300,000 tags, each of which FFmpeg compares with all others,
and every pass over the file reads it anew. So the header alone is read first, in a thread whose
processor time is watched. Where strangers' files are opened (``input.budget = "strict"``), a child
process opens the file as the job would, and is ended by the system when it takes too much.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import av
import av.error

from vidrestore.config import InputConfig
from vidrestore.errors import InputError
from vidrestore.runtime import child_process
from vidrestore.runtime.stoppable import leave_behind
from vidrestore.text.escaping import shown

HEADER_SECONDS = 2.0
"""Processor time for the header; ten hours of film take a tenth of it."""
STRICT_SECONDS = 60
STRICT_BYTES = 2_000_000_000
STRICT_PIXELS = 1 << 25
"""Of a frame, where the budget is strict: 8K, which takes a gigabyte to restore."""

# So that nothing but the header is read.
_BRIEFLY = {"analyzeduration": "1", "probesize": "32", "fpsprobesize": "0"}
_POLL_SECONDS = 0.05
_PATIENCE = 4
_REFUSED = 2


def most_pixels(config: InputConfig) -> int:
    """Pixels that a frame may have."""
    return min(config.max_pixels, STRICT_PIXELS) if config.budget == "strict" else config.max_pixels


def try_header(url: str, name: str, options: Mapping[str, str]) -> None:
    """Read a file's header, and no more of it, within a bounded time of the processor.

    What is wrong with the file is not reported here.

    Raises:
        InputError: the header asks for more.
    """

    def read() -> None:
        with suppress(av.error.FFmpegError, OSError, ValueError):
            av.open(url, options={**options, **_BRIEFLY}).close()

    if not _within(read, HEADER_SECONDS):
        raise InputError(
            f"{name} asks for more than {HEADER_SECONDS:g} s of work before its first frame "
            "(thousands of tags or chapters); copy its streams into another file first"
        )


def _within(work: Callable[[], None], seconds: float) -> bool:
    """Whether work ends within that much of the processor's time; else it is left behind."""
    if not hasattr(time, "pthread_getcpuclockid"):
        work()
        return True
    clocks: list[int] = []

    def measured() -> None:
        clocks.append(time.pthread_getcpuclockid(threading.get_ident()))
        work()

    thread = threading.Thread(target=measured, name="vidrestore-header", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_POLL_SECONDS)
        # The clock of a thread that has ended is gone.
        with suppress(OSError):
            if clocks and time.clock_gettime(clocks[0]) > seconds and thread.is_alive():
                leave_behind(thread)
                return False
    return True


def try_in_child(path: str | Path, config: InputConfig) -> None:
    """Open a file in a process of its own, as a job would, within the strict budget.

    Raises:
        InputError: it takes more time or memory, ends that process, or cannot be used.
    """
    name = os.fspath(path)
    try:
        done = subprocess.run(  # noqa: S603 - this program
            child_process.command("vidrestore.video.demux.opening", name, config.model_dump_json()),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=STRICT_SECONDS * _PATIENCE,
            env=child_process.environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise _too_much(name) from error
    if done.returncode == _REFUSED:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise InputError(said[-1] if said else f"{name} cannot be used")
    if done.returncode:
        raise _too_much(name)


def _too_much(name: str) -> InputError:
    return InputError(
        f"{name} is refused: opening it takes more than {STRICT_SECONDS} s or "
        f"{STRICT_BYTES / 1e9:g} GB, which input.budget strict allows"
    )


def _child(name: str, options: str) -> int:
    """What the child process does; its exit code."""
    from vidrestore.video.demux.probe import probe  # noqa: PLC0415 - it calls this module

    config = InputConfig.model_validate_json(options)
    child_process.limit_time(STRICT_SECONDS)
    child_process.limit_memory(STRICT_BYTES)
    try:
        probe(name, config.model_copy(update={"budget": "generous", "max_pixels": STRICT_PIXELS}))
    except InputError as error:
        sys.stderr.write(f"{shown(str(error), 2000)}\n")
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(_child(*sys.argv[1:3]))
