"""Writing the result into an open file, such as a buffer or standard output."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, Protocol

from vidrestore.config import CONTAINERS
from vidrestore.errors import OutputError
from vidrestore.video.demux.files import reason
from vidrestore.video.demux.spool import name_of
from vidrestore.video.sink import VideoSink

_STANDARD = ".mkv"


class Writable(Protocol):
    """An open binary file, or anything that is written to as one."""

    def write(self, data: bytes, /) -> object:
        """Write all of it."""
        ...


class StreamSink(VideoSink):
    """As ``VideoSink``, into an open file: written there in one go once it is whole.

    It is made in a temporary folder, since most containers are written in more than one place. It
    is Matroska, unless the file has the name of another container. The file stays open.

    Args:
        media: the source; this and all others are those of ``VideoSink``.
        stream: where the result goes.
        options: the rest of them.
    """

    def __init__(self, media: Any, fmt: Any, stream: Writable, *rest: Any, **options: Any) -> None:
        self._stream = stream
        self._name = name_of(stream)
        ending = Path(self._name).suffix.lower()
        self._room = tempfile.mkdtemp(prefix="vidrestore-")
        self._made = Path(self._room) / f"result{ending if ending in CONTAINERS else _STANDARD}"
        super().__init__(media, fmt, self._made, *rest, **options)

    @property
    def target(self) -> None:
        """It is not divided into segments: nothing of it could be found again."""

    def finish(self) -> None:
        """Write what is held, and all of it into the open file.

        Raises:
            OutputError: if anything of that fails.
        """
        super().finish()
        try:
            with self._made.open("rb") as file:
                shutil.copyfileobj(file, self._stream)
            getattr(self._stream, "flush", lambda: None)()
        except (OSError, ValueError, TypeError) as error:
            raise OutputError(
                f"cannot write the result to {self._name}: {reason(error)}"
            ) from error
        finally:
            shutil.rmtree(self._room, ignore_errors=True)

    def abort(self) -> None:
        """Give up and leave nothing behind; safe at any time, from any thread, and twice."""
        super().abort()
        shutil.rmtree(self._room, ignore_errors=True)
