"""Whether a source is what it was: written to no more, or only copied."""

from __future__ import annotations

import time

from vidrestore.job.batch.files import settings
from vidrestore.job.batch.files.scanning import Found
from vidrestore.job.batch.records.row import Row


def same(row: Row, one: Found) -> bool:
    """Whether a source is the same in spite of its time: it was copied or restored."""
    kind, _, known = str(row.done.get("source_hash", "")).partition(":")
    if not known:
        return False
    return settings.file_hash(one.path, kind) == known


def rests(one: Found, seconds: float) -> bool:
    """Whether a file is written to no more, and opens."""
    if one.size < 0:
        return True
    # A camera whose clock is ahead is not waited for until then.
    if abs(time.time() - one.modified / 1e9) < seconds:
        return False
    try:
        with one.path.open("rb") as file:
            file.read(1)
        return one.path.stat().st_size == one.size
    except OSError:
        return False
