"""Hashes of files, by which it is known later that they are what they were."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Final, Literal

from vidrestore.errors import OutputError
from vidrestore.report.types import Algorithm, Fixity, Hashed

_BLOCK: Final = 1 << 22  # bytes


def hashed(path: str | Path, algorithm: str) -> Hashed | None:
    """The size and the hash of a file; None for what is no file.

    Args:
        path: of the file.
        algorithm: as ``hashlib`` calls it.

    Raises:
        OSError: it cannot be read.
    """
    file = Path(path)
    if not file.is_file():
        return None
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, algorithm).hexdigest()
        return Hashed(stream.tell(), digest)


class InPassing:
    """Hashes a file as far as others have read it, so that the disk has to give it only once.

    Args:
        path: of the file; what is none, such as a folder of pictures, is not hashed.
        algorithm: as ``hashlib`` calls it; "none" hashes nothing.
    """

    def __init__(self, path: str | Path, algorithm: str) -> None:
        self._path, self._algorithm = Path(path), algorithm
        self._wanted = algorithm != "none" and self._path.is_file()
        self._size = self._path.stat().st_size if self._wanted else 0
        self._goal, self._over = 0, False
        self._result: Hashed | None = None
        self._error: OSError | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="vidrestore-hash", daemon=True)
        if self._wanted:
            self._thread.start()

    def follow(self, done: int, total: int | None) -> None:
        """So many frames were read, of as many as there are; None if nobody knows."""
        if total:
            with self._changed:
                self._goal = max(self._goal, self._size * min(done, total) // total)
                self._changed.notify()

    def finish(self) -> Hashed | None:
        """Hash what is left; None for what is no file.

        Raises:
            OSError: it cannot be read.
        """
        if not self._wanted:
            return None
        with self._changed:
            self._over = True
            self._changed.notify()
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._result

    def close(self) -> None:
        """Hash no more; safe to call twice, and after ``finish``."""
        with self._changed:
            self._goal, self._wanted = -1, False
            self._changed.notify()

    def _run(self) -> None:
        digest, read = hashlib.new(self._algorithm), 0
        try:
            with self._path.open("rb") as file:
                while True:
                    with self._changed:
                        while not self._over and 0 <= self._goal <= read:
                            self._changed.wait()
                        if self._goal < 0:
                            return
                    block = file.read(_BLOCK)
                    digest.update(block)
                    read += len(block)
                    if not block and self._over:
                        break
                    if not block:
                        with self._changed:
                            self._goal = min(self._goal, read)
        except OSError as error:
            self._error = error
            return
        self._result = Hashed(read, digest.hexdigest())


def fixity(
    source: InPassing,
    output: Path | None,
    algorithm: Algorithm | Literal["none"],
    frames: str | None = None,
) -> Fixity | None:
    """Hashes of a finished job's files; None if none are asked for.

    Args:
        source: of the job, read to its end.
        output: the result; None leaves it out.
        algorithm: as ``hashlib`` calls it.
        frames: the hash of the result's frames, if that is known.

    Raises:
        OutputError: a file cannot be read.
    """
    if algorithm == "none":
        return None
    try:
        result = None if output is None else hashed(output, algorithm)
        return Fixity(algorithm, source.finish(), result, frames)
    except OSError as error:
        raise OutputError(
            f"{output} is finished and whole, but cannot be hashed: {error.strerror}"
        ) from error
