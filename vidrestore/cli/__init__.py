"""The command line: one file per command.

Importing it, and asking it for help, loads neither torch nor OpenCV nor PyAV.
"""

from __future__ import annotations

from vidrestore.cli.app import main

__all__ = ["main"]
