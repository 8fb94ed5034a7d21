"""A result that goes out as it is made, into what cannot be sought in, such as a pipe."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final, Protocol

from vidrestore.errors import OutputError
from vidrestore.video.demux.files import reason
from vidrestore.video.demux.spool import name_of


class Writable(Protocol):
    """An open binary file, or anything that is written to as one."""

    def write(self, data: bytes, /) -> object:
        """Write all of it, or as much as the number that it gives says."""
        ...


def can_seek(stream: Writable) -> bool:
    """Whether an open file says that places in it can be gone back to."""
    ask = getattr(stream, "seekable", None)
    return callable(ask) and bool(ask())


def send(stream: Writable, data: bytes) -> None:
    """Write all of it, however little is taken at a time.

    Raises:
        OSError: nothing more is taken.
    """
    rest = memoryview(data)
    while rest:
        taken = stream.write(bytes(rest))
        if not isinstance(taken, int):
            break
        if taken < 1:
            raise OSError("it takes no more")
        rest = rest[taken:]


class PendingStream:
    """Holds back a container's head until it is final; all that follows it goes out at once.

    The head is kept in a temporary file, for some of it is amended there.

    Args:
        stream: where the result goes; it stays open.
        container: FFmpeg's name of the format, one that can be written without seeking.

    Attributes:
        path: what messages call it.
        container: as given.
        options: for FFmpeg's muxer: nothing waits in its buffer.
    """

    options: Final = {"flush_packets": "1"}

    def __init__(self, stream: Writable, container: str) -> None:
        self._stream = stream
        self.path, self.container = Path(name_of(stream)), container
        self._room: Path | None = Path(tempfile.mkdtemp(prefix="vidrestore-"))
        self._head: IO[bytes] | None = None

    def opened(self) -> _Gate:
        """Where the muxer writes; a head that was written before is thrown away."""
        assert self._room is not None
        if self._head is not None:
            self._head.close()
        self._head = (self._room / "head").open("wb")
        self._gate = _Gate(self._head)
        return self._gate

    def begin(self, amend: Callable[[Path], None]) -> None:
        """Send the whole head out, amended; what the muxer writes from now on follows it.

        Raises:
            OutputError: that fails.
        """
        assert self._room is not None
        assert self._head is not None
        self._head.close()
        head = self._room / "head"
        try:
            amend(head)
            self._gate.target = self._stream
            self._gate.write(head.read_bytes())
        except (OSError, ValueError, TypeError) as error:
            raise OutputError(f"cannot write the result to {self.path}: {reason(error)}") from error
        self._remove_head()

    def complete(self, amend: Callable[[Path], None]) -> None:
        """The muxer has written all; nothing can be amended any more."""

    def publish(self) -> None:
        """Send what the stream itself holds back.

        Raises:
            OutputError: that fails.
        """
        try:
            getattr(self._stream, "flush", lambda: None)()
        except (OSError, ValueError) as error:
            raise OutputError(f"cannot write the result to {self.path}: {reason(error)}") from error

    def discard(self) -> None:
        """Send nothing more; what went out cannot be taken back. Safe to call twice."""
        if self._head is not None:
            self._gate.target = None
            self._head.close()
        self._remove_head()

    def _remove_head(self) -> None:
        if self._room is not None:
            shutil.rmtree(self._room, ignore_errors=True)
            self._room = None


class _Gate:
    """What a muxer writes to; it cannot be sought in."""

    def __init__(self, head: IO[bytes]) -> None:
        self.target: Writable | None = head

    def write(self, data: Any) -> int:
        """Pass all of it on."""
        if self.target is not None:
            send(self.target, data)
        return len(data)
