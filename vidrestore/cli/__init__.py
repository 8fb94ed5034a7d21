"""The command line: one file per command.

Importing it, and asking it for help, loads neither torch nor OpenCV nor PyAV.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from vidrestore.runtime.stoppable import left_behind

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; ``vidrestore.cli.app.main`` tells how it ends."""
    try:
        # Ctrl-C may also come while the parser is still being loaded.
        from vidrestore.cli import app  # noqa: PLC0415

        code = app.main(argv)
    except KeyboardInterrupt:
        from vidrestore.cli.display.output import complain  # noqa: PLC0415

        complain("interrupted")
        code = 130
    if argv is None and left_behind():
        # Threads that are inside libraries are not waited for, nor pulled out of them.
        os._exit(code)
    return code
