"""The command line: one file per command.

Importing it, and asking it for help, loads neither torch nor OpenCV nor PyAV.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from vidrestore.errors import ExitCode
from vidrestore.runtime.stoppable import left_behind

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; ``vidrestore.cli.app.main`` tells how it ends."""
    waits = True
    try:
        # Ctrl-C may also come while the parser is still being loaded.
        from vidrestore.cli import app  # noqa: PLC0415

        code = app.main(argv)
    except KeyboardInterrupt:
        from vidrestore.cli.display.output import complain  # noqa: PLC0415

        complain("interrupted")
        code, waits = ExitCode.INTERRUPTED, False
    if argv is None and (left_behind() or not waits):
        # Threads that are inside libraries are not waited for, nor pulled out of them: what takes
        # a library down while such a thread is at work ends the process by abort.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # nobody reads what it says, or it is closed
                stream.flush()
        os._exit(code)
    return code
