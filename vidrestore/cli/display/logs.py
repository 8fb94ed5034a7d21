"""The log of a call: what jobs do, with times, in a file or on stderr."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

from vidrestore.cli.display.output import errors
from vidrestore.errors import OutputError
from vidrestore.runtime.whole_file import unwritten
from vidrestore.text.escaping import escaped

Level: TypeAlias = Literal["debug", "info", "warning", "error"]
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MOST_BYTES = 10_000_000
_KEPT = 2


class _Escaped(logging.Formatter):
    """A line for each entry, in which no name from outside moves a cursor or forges a line."""

    def format(self, record: logging.LogRecord) -> str:
        return escaped(super().format(record))


class _OnStderr(logging.Handler):
    """Entries on stderr, under the program's name."""

    def emit(self, record: logging.LogRecord) -> None:
        stream = errors()
        stream.write(f"vidrestore: {self.format(record)}\n")
        stream.flush()


@contextmanager
def logged(file: str | None, level: Level, *, verbose: bool) -> Iterator[None]:
    """Log what is done while the block runs.

    Args:
        file: that entries are added to, kept below some megabytes; None for none.
        level: the least that the file gets.
        verbose: whether stderr gets entries too, from info on.

    Raises:
        OutputError: the file cannot be written to.
    """
    handlers: list[logging.Handler] = []
    if file is not None:
        handlers.append(_in_file(file, level))
    if verbose:
        entry = _OnStderr(logging.INFO)
        # What the command line itself says is on the screen already.
        entry.addFilter(lambda record: record.name != "vidrestore.cli")
        entry.setFormatter(_Escaped("%(message)s"))
        handlers.append(entry)
    logger = logging.getLogger("vidrestore")
    before = logger.level
    for handler in handlers:
        logger.addHandler(handler)
    if handlers:
        logger.setLevel(min(handler.level for handler in handlers))
    try:
        yield
    finally:
        logger.setLevel(before)
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close()


def _in_file(file: str, level: Level) -> logging.Handler:
    from logging.handlers import RotatingFileHandler  # noqa: PLC0415 - few calls need it

    if os.path.exists(file) and not os.path.isfile(file):  # noqa: PTH110, PTH113 - any name
        raise OutputError(f"--log {escaped(file)} is no regular file; name another one")
    try:
        handler = RotatingFileHandler(
            file,
            maxBytes=_MOST_BYTES,
            backupCount=_KEPT,
            encoding="utf-8",
            errors="backslashreplace",
        )
    except (OSError, ValueError) as error:
        why = unwritten(Path(file), error)
        raise OutputError(f"--log {escaped(file)} cannot be written: {why}") from error
    handler.setFormatter(_Escaped(_FORMAT))
    handler.setLevel(level.upper())
    return handler
