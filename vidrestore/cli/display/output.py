"""Words to the user: results on stdout, complaints and progress on stderr.

Words that cannot be written (a terminal that has closed, a reader that has gone, a log on a full
disk) are dropped: they are no reason to stop the work. What comes from outside is escaped, line by
line, so that no title and no name moves a cursor or forges a line.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

from vidrestore.errors import OutputError
from vidrestore.text.escaping import escaped

# Longer lines come from values that something made long.
_LONGEST = 3000
_STANDARD = 3


def occupy_standard_handles() -> None:
    """Give what is closed of stdin, stdout and stderr to the null device.

    A file that is opened later would take the number, and what a library complains about would
    be written into it.
    """
    for number in range(_STANDARD):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


class Words:
    """A text stream that never fails: from the first failure on, what is written is dropped.

    Args:
        stream: where to; None where there is none.

    Attributes:
        lost: why words were dropped; None if none were.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.lost: OSError | ValueError | None = None

    @property
    def encoding(self) -> str:
        """Of the stream."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Write text, characters that the stream's encoding lacks escaped."""
        if self._stream is not None and self.lost is None:
            try:
                self._stream.write(
                    text.encode(self.encoding, "backslashreplace").decode(self.encoding)
                )
            except (OSError, ValueError) as error:
                self._give_up(error)
        return len(text)

    def flush(self) -> None:
        """Hand on what is held."""
        if self._stream is not None and self.lost is None:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._give_up(error)

    def isatty(self) -> bool:
        """Whether somebody may be looking."""
        return self._stream is not None and self.lost is None and self._stream.isatty()

    def fileno(self) -> int:
        """Of the stream.

        Raises:
            OSError: it has none.
        """
        if self._stream is None:
            raise OSError("there is no such stream")
        return self._stream.fileno()

    def _give_up(self, error: OSError | ValueError) -> None:
        self.lost = error
        try:
            # The interpreter flushes once more when it ends; let that go nowhere, too.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
        except (OSError, ValueError):
            return  # a stream without a handle, which holds nothing back


def show_lines(*lines: str) -> Words:
    """Write lines to stdout, each escaped."""
    return _written("".join(f"{_line(line)}\n" for line in lines))


def show_lines_on(stream: Words, *lines: str) -> None:
    """Write lines to a stream, each escaped."""
    stream.write("".join(f"{_line(line)}\n" for line in lines))
    stream.flush()


def write_result(text: str) -> None:
    """Write a whole text to stdout, which is what the command was called for.

    Args:
        text: of the program's own making, such as JSON, in which nothing needs to be escaped.

    Raises:
        OutputError: it cannot be written; a reader that has gone, such as ``head``, is no error.
    """
    why = _written(text).lost
    if isinstance(why, OSError) and not isinstance(why, BrokenPipeError):
        raise OutputError(f"cannot write the result to stdout: {why.strerror}") from why


def write_lines(*lines: str) -> None:
    """As :func:`write_result`, for lines, each escaped."""
    write_result("".join(f"{_line(line)}\n" for line in lines))


def complain(text: str) -> None:
    """Write one line, under the program's name, to stderr."""
    stream = errors()
    stream.write(f"vidrestore: {_line(text)}\n")
    stream.flush()


def errors() -> Words:
    """Where complaints and progress go."""
    return Words(sys.stderr)


def _written(text: str) -> Words:
    stream = Words(sys.stdout)
    stream.write(text)
    stream.flush()
    return stream


def _line(text: str) -> str:
    return escaped(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")
