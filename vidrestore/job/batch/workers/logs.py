"""The log of one file: a line of JSON for each entry, kept below some megabytes."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from vidrestore.errors import OutputError

_MOST_BYTES: Final = 5_000_000
_KEPT: Final = 2


class _Lines(logging.Formatter):
    """An entry as a JSON object: when, how grave, who says it, what."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info is not None:
            entry["traceback"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(entry)


@contextmanager
def logged(path: Path | None) -> Iterator[None]:
    """Log what happens in the block.

    Args:
        path: the file, which entries are added to; None for no log.

    Raises:
        OutputError: it cannot be written to.
    """
    if path is None:
        yield
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=_MOST_BYTES, backupCount=_KEPT)
    except OSError as error:
        raise OutputError(f"the log {path} cannot be written: {error.strerror}") from error
    handler.setFormatter(_Lines())
    logger = logging.getLogger("vidrestore")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
        with suppress(OSError):  # of a full disk: what was logged says nothing of the result
            handler.close()
