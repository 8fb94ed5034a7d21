"""``python -m tests.transcripts``: write what the program says anew, to be looked through."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.transcripts.calls import CALLS, PAGES, page


def write() -> None:
    """Write every page."""
    PAGES.mkdir(exist_ok=True)
    for old in PAGES.glob("*.txt"):
        old.unlink()
    for name in CALLS:
        with tempfile.TemporaryDirectory() as folder:
            (PAGES / f"{name}.txt").write_text(page(name, Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    write()
