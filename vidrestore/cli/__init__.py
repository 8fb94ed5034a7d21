"""The command line: one file per command.

Importing it, and asking it for help, loads neither torch nor OpenCV nor PyAV.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; ``vidrestore.cli.app.main`` tells how it ends."""
    try:
        # Ctrl-C may also come while the parser is still being loaded.
        from vidrestore.cli import app  # noqa: PLC0415

        return app.main(argv)
    except KeyboardInterrupt:
        sys.stderr.write("vidrestore: interrupted\n")
        return 130
