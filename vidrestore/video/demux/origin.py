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
from vidrestore.text.addresses import is_address
from vidrestore.video.demux.files import exists, is_folder, is_pattern
from vidrestore.video.demux.sequence import pictures, stage
from vidrestore.video.demux.spool import (
    STANDARD_INPUT,
    Readable,
    is_pipe,
    name_of,
    spool,
    spool_object,
)

GIGABYTE = 1_000_000_000


class Origin:
    """A source of any kind, ready to be opened as often as needed.

    A pipe, or what an open file still holds, is copied to a temporary file; the pictures of a
    sequence are linked under consecutive names in a temporary folder.

    Args:
        source: a file, "-" for standard input, a FIFO, a pattern such as "frame_%05d.png", a folder
            of pictures, or an open binary file of any kind.
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
        self,
        source: str | Path | Readable,
        config: InputConfig,
        stop: threading.Event | None = None,
    ) -> None:
        self._tidy: weakref.finalize[..., Origin] | None = None
        limit = round(config.spool * GIGABYTE)
        try:
            if isinstance(source, str | Path):
                self.name = self.path = os.fspath(source)
                self._take_name(limit, stop)
            else:
                self.name = name_of(source)
                self.path = spool_object(source, self._room(), limit, stop)
        except BaseException:
            self.close()
            raise

    def _take_name(self, limit: int, stop: threading.Event | None) -> None:
        if not self.name:
            # To the system it would be the folder in which the program runs.
            raise InputError("the source's name is empty; name a file")
        if self.name == STANDARD_INPUT:
            self.name = "standard input"
        if is_pipe(self.path):
            self.path = spool(self.path, self._room(), limit, stop)
        elif is_pattern(self.path) or is_folder(self.path):
            self.path = stage(pictures(self.path), self._room())
        elif is_address(self.path) and not exists(self.path):
            raise InputError(
                f"{self.path} is an address; nothing here reaches for the network: download the "
                "video and name the file"
            )

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
