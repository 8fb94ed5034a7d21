"""The folder of a job's finished parts: all that is written there goes through one small store.

What has its final name there is whole, and survives a loss of power: content reaches the disk
before the name does, and the name before anything is said of it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from vidrestore.errors import OutputError
from vidrestore.runtime.whole_file import sync_folder
from vidrestore.text.escaping import quoted

PLAN: Final = "plan.json"
JOURNAL: Final = "journal.jsonl"
_UNFINISHED = ".new"
_BUFFER = 1 << 20
# The plan, the journal, both files of each segment, and any of them in the making.
_OURS: Final = re.compile(
    rf"({re.escape(PLAN)}|{re.escape(JOURNAL)}|[0-9]{{5,}}\.(packets|json))"
    rf"({re.escape(_UNFINISHED)})?"
)


class Store:
    """Files of one folder, written whole or not at all.

    Args:
        folder: made when something is written first.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, name: str) -> NewFile:
        """A file that gets its name when it is kept; what had it before is replaced then.

        Raises:
            OutputError: it cannot be made.
        """
        with self.explained(name):
            self.folder.mkdir(mode=0o700, exist_ok=True)
            return NewFile(self, name)

    def write(self, name: str, content: bytes) -> None:
        """Write a whole file.

        Raises:
            OutputError: it cannot be written.
        """
        with self.create(name) as file:
            file.write(content)
            file.keep()

    def append(self, name: str, line: bytes) -> None:
        """Add a line to a file, which exists.

        Raises:
            OutputError: it cannot be written.
        """
        with self.explained(name), (self.folder / name).open("ab") as file:
            file.write(line)
            self.sync(file)

    def read(self, name: str) -> bytes | None:
        """The content of a file; None if there is none.

        Raises:
            OutputError: it cannot be read.
        """
        with self.explained(name):
            try:
                return (self.folder / name).read_bytes()
            except FileNotFoundError:
                return None

    def open(self, name: str) -> IO[bytes]:
        """A file for reading.

        Raises:
            OutputError: it cannot be read.
        """
        with self.explained(name):
            return (self.folder / name).open("rb", _BUFFER)

    def hash(self, name: str) -> str | None:
        """SHA-256 of a file; None if there is none.

        Raises:
            OutputError: it cannot be read.
        """
        with self.explained(name):
            try:
                with (self.folder / name).open("rb") as file:
                    return hashlib.file_digest(file, "sha256").hexdigest()
            except FileNotFoundError:
                return None

    def clear(self) -> None:
        """Remove all files of a job, and the folder; nothing if it holds anything else.

        Raises:
            OutputError: it holds what no job wrote, or the system does not let go of something.
        """
        try:
            if not self.folder.exists():
                return
            for file in self._files():
                file.unlink(missing_ok=True)
            self.folder.rmdir()
        except OSError as error:
            raise OutputError(
                f"{self.folder} cannot be removed: {error.strerror or error}; delete it by hand"
            ) from error

    def foreign(self) -> str | None:
        """The name of something in the folder that no job wrote; None if there is nothing."""
        for entry in self._entries():
            if not (_OURS.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)):
                return entry.name
        return None

    def _files(self) -> list[Path]:
        """All that the folder holds, the plan last: without it nobody knows whose the rest is."""
        name = self.foreign()
        if name is not None:
            raise OutputError(
                f"{self.folder} holds {quoted(name)}, which is no part of a job, and is left as it "
                "is; choose another name for the result, or move that folder away"
            )
        return [Path(entry.path) for entry in self._entries()]

    def _entries(self) -> list[os.DirEntry[str]]:
        with os.scandir(self.folder) as entries:
            return sorted(entries, key=lambda entry: (entry.name == PLAN, entry.name))

    def sync(self, file: IO[bytes]) -> None:
        """Have what was written to a file reach the disk."""
        file.flush()
        os.fsync(file.fileno())

    def rename(self, old: Path, name: str) -> None:
        """Give a file its name, and have that reach the disk."""
        old.replace(self.folder / name)
        sync_folder(self.folder)

    @contextmanager
    def explained(self, name: str) -> Iterator[None]:
        """What the system has against working on a file, in our words."""
        try:
            yield
        except OSError as error:
            raise OutputError(
                f"cannot keep {name} in {self.folder}: {error.strerror or error}"
            ) from error


MakeStore = Callable[[Path], Store]


class NewFile:
    """A file in the making; used in a ``with`` block, at whose end it is gone unless it is kept."""

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._name = store, name
        self._path = store.folder / (name + _UNFINISHED)
        self._file = self._path.open("wb", _BUFFER)
        self._hash, self._size = hashlib.sha256(), 0
        self._kept = False

    def write(self, content: bytes) -> int:
        """Append; as a file's own method does."""
        self._hash.update(content)
        self._size += len(content)
        return self._file.write(content)

    @property
    def sha256(self) -> str:
        """Of all that was written."""
        return self._hash.hexdigest()

    @property
    def size(self) -> int:
        """Bytes that were written."""
        return self._size

    def keep(self) -> None:
        """Have everything reach the disk, then the name.

        Raises:
            OutputError: something cannot be written.
        """
        with self._store.explained(self._name):
            self._store.sync(self._file)
            self._file.close()
            self._store.rename(self._path, self._name)
        self._kept = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):  # of a full disk: the file is about to go
            self._file.close()
        if not self._kept:
            self._path.unlink(missing_ok=True)
