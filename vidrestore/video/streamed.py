"""Writing the result into an open file, such as a buffer, or standard output."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from vidrestore.config import CONTAINERS
from vidrestore.errors import OutputError
from vidrestore.video.demux.files import reason
from vidrestore.video.demux.spool import name_of
from vidrestore.video.facts.containers import is_ebml
from vidrestore.video.outputs.outstream import PendingStream, Writable, can_seek, send
from vidrestore.video.sink import VideoSink

_STANDARD = ".mkv"
_BLOCK = 1 << 20  # bytes


class StreamSink(VideoSink):
    """As ``VideoSink``, into an open file: written there in one go once it is whole.

    It is made in a temporary folder, since most containers are written in more than one place, and
    Matroska unless the file has the name of another container. The file stays open.

    Args:
        media: the source; this and all others are those of ``VideoSink``.
        stream: where the result goes.
        options: the rest of them.
    """

    def __init__(self, media: Any, fmt: Any, stream: Writable, *rest: Any, **options: Any) -> None:
        self._stream = stream
        self._name = name_of(stream)
        self._room = tempfile.mkdtemp(prefix="vidrestore-")
        self._made = Path(self._room) / f"result{_ending_of(stream)}"
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
                while block := file.read(_BLOCK):
                    send(self._stream, block)
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


class LiveSink(VideoSink):
    """As ``VideoSink``, into what cannot be sought in: each part goes out as soon as it is made.

    The container is Matroska or WebM. Without seeking it has no index, tells no duration and holds
    no report; whoever reads it must learn from elsewhere whether it is whole. The stream stays
    open.

    Args:
        media: the source; this and all others are those of ``VideoSink``.
        stream: where the result goes.
        options: the rest of them.
    """

    def __init__(self, media: Any, fmt: Any, stream: Writable, *rest: Any, **options: Any) -> None:
        pending = PendingStream(stream, CONTAINERS[_ending_of(stream)])
        super().__init__(media, fmt, pending, *rest, **options)

    @property
    def target(self) -> None:
        """It is not divided into segments: they would all be made before the first is sent."""

    @property
    def no_report(self) -> str:
        """What was sent cannot be filled in any more."""
        return "the report is not attached: it is known when all else was sent; name a file"


def stream_sink(
    media: Any, fmt: Any, stream: Writable, *rest: Any, **options: Any
) -> StreamSink | LiveSink:
    """The sink for an open file: at once where that cannot be sought in, and the container allows.

    Arguments and errors are those of ``LiveSink``.
    """
    live = is_ebml(CONTAINERS[_ending_of(stream)]) and not can_seek(stream)
    return (LiveSink if live else StreamSink)(media, fmt, stream, *rest, **options)


def _ending_of(stream: Writable) -> str:
    """Of the container that an open file's name asks for; Matroska's if it asks for none."""
    ending = Path(name_of(stream)).suffix.lower()
    return ending if ending in CONTAINERS else _STANDARD
