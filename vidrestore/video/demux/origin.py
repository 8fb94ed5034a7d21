"""What the user named, and what is read in its place: a file, a spooled pipe, linked pictures."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vidrestore.config import InputConfig
from vidrestore.errors import InputError
from vidrestore.video.demux.files import is_folder, is_pattern
from vidrestore.video.demux.sequence import pictures, stage
from vidrestore.video.demux.spool import STANDARD_INPUT, is_pipe, spool

GIGABYTE = 1_000_000_000


class Origin:
    """A source of any kind, ready to be opened as often as needed.

    A pipe is copied to a temporary file; the pictures of a sequence are linked under consecutive
    names in a temporary folder.

    Args:
        path: a file, "-" for standard input, a FIFO, a pattern such as "frame_%05d.png", or a
            folder of pictures.
        config: limits.
        stop: set it from anywhere to give up waiting for a pipe.

    Attributes:
        name: as messages call it.
        path: what readers open.

    Raises:
        InputError: if a pipe is empty or too long, or a sequence is incomplete.
        Interrupted: ``stop`` was set.
    """

    def __init__(
        self, path: str | Path, config: InputConfig, stop: threading.Event | None = None
    ) -> None:
        given = os.fspath(path)
        self.name = "standard input" if given == STANDARD_INPUT else given
        self.path = given
        self._tidy: weakref.finalize[..., Origin] | None = None
        try:
            if is_pipe(given):
                limit = round(config.spool * GIGABYTE)
                self.path = spool(given, self._room(), limit, stop)
            elif is_pattern(given) or is_folder(given):
                self.path = stage(pictures(given), self._room())
        except BaseException:
            self.close()
            raise

    @property
    def lasting(self) -> bool:
        """Whether the source is a file of the user's own, that can be found again later."""
        return self._tidy is None and os.path.isfile(self.path)  # noqa: PTH113 - any name

    def _room(self) -> str:
        try:
            folder = tempfile.mkdtemp(prefix="vidrestore-")
        except OSError as error:
            raise InputError(
                f"no temporary folder for {self.name}: {error.strerror}; name one with TMPDIR"
            ) from error
        # Also when the program ends without closing anything.
        self._tidy = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder

    @contextmanager
    def named(self) -> Iterator[None]:
        """Errors of the block call the source as the user does."""
        try:
            yield
        except InputError as error:
            if self.path == self.name:
                raise
            raise InputError(str(error).replace(self.path, self.name)) from error

    def close(self) -> None:
        """Remove what was made; safe to call twice."""
        if self._tidy is not None:
            self._tidy()
