"""A result that appears under its name only when whole."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType
from typing import Final

from vidrestore.config import CONTAINERS, PICTURES
from vidrestore.errors import OutputError, OutputHeldError
from vidrestore.runtime.whole_file import sync, sync_folder
from vidrestore.text.addresses import is_address
from vidrestore.video.demux.files import exists, reason, url
from vidrestore.video.outputs.claim import NoLocksError, claim_file, holder

# File systems allow names of 255 bytes.
_NAME_ROOM = 200


class PendingFile:
    """An output file in the making, beside its final place.

    It is locked: a second run to the same place is refused, and what a killed run left is replaced.

    Args:
        path: the final name.
        source: the file that is read, which must never be the output.
        overwrite: whether an existing file may be replaced.
        container: FFmpeg's name of the format; None takes it from the name.
        keep_time: whether it takes over the source's mtime.

    Attributes:
        path: the final name as given.
        container: FFmpeg's name of the format.
        temporary: where to write.
        options: for FFmpeg's muxer: none.

    Raises:
        OutputError: one line, before anything but an empty temporary file was made.
    """

    options: Final[Mapping[str, str]] = MappingProxyType({})

    def __init__(
        self,
        path: str | Path,
        source: str | Path,
        *,
        overwrite: bool,
        container: str | None = None,
        keep_time: bool = True,
    ) -> None:
        self.path = Path(path)
        self._overwrite = overwrite
        self.container = container or container_of(self.path)
        # A link keeps pointing where it does; the file behind it is replaced.
        self._target = Path(os.path.realpath(self.path))
        self._check(source)
        self._modified = _modified(source) if keep_time else None
        self.temporary = temporary_of(self._target)
        try:
            self._claim = self._claimed()
        except BlockingIOError as error:
            process = holder(self.temporary)
            who = "" if process is None else f" (process {process})"
            raise OutputHeldError(
                f"{path} is being written by another run{who}; wait for it or choose another name"
            ) from error
        except OSError as error:
            raise OutputError(
                f"cannot write in {self._target.parent}: {reason(error)}; choose another folder"
            ) from error
        self._open = True

    def _claimed(self) -> int:
        try:
            return claim_file(self.temporary)
        except NoLocksError:
            # Nobody can tell there whose file it is: a name that nobody else will draw.
            self.temporary = self.temporary.with_stem(f"{self.temporary.stem}-{token_hex(4)}")
            return os.open(self.temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)

    def _check(self, source: str | Path) -> None:
        if not self._target.parent.is_dir():
            raise OutputError(f"the folder {self._target.parent} does not exist; create it first")
        try:
            mode = self._target.stat().st_mode
        except FileNotFoundError:
            return
        except OSError as error:
            raise OutputError(f"{self.path} cannot be looked at: {reason(error)}") from error
        if stat.S_ISDIR(mode):
            raise OutputError(f"{self.path} is a directory; name a file")
        # A sequence of pictures is no file of its own.
        if exists(os.fspath(source)) and self._target.samefile(source):
            raise OutputError(f"{self.path} is the input itself; choose another name")
        if not stat.S_ISREG(mode):
            raise OutputError(f"{self.path} is not a regular file; choose another name")
        if not self._overwrite:
            raise OutputError(f"{self.path} exists; allow replacing it with overwrite=True")

    def opened(self) -> str:
        """Where the muxer writes, as FFmpeg is told of files."""
        return url(self.temporary)

    def begin(self, amend: Callable[[Path], None]) -> None:
        """The muxer has written its head; all of a file is amended at the end."""

    def complete(self, amend: Callable[[Path], None]) -> None:
        """The muxer has written all: amend the file before it gets its name."""
        amend(self.temporary)

    def publish(self) -> None:
        """Give the finished file its name, in one step.

        Raises:
            OutputError: if that fails, or another program has made the file meanwhile; nothing is
                left behind then.
        """
        try:
            sync(self.temporary, os.O_RDWR)
            if self._modified is not None:
                # Archives sort by it: the pictures are as old as they were.
                os.utime(self.temporary, ns=(self._modified, self._modified))
            if self._overwrite:
                self.temporary.replace(self._target)
            else:
                self._take_name()
        except OSError as error:
            self.discard()
            raise OutputError(f"cannot write {self.path}: {reason(error)}") from error
        self._open = False
        os.close(self._claim)
        sync_folder(self._target.parent)

    def _take_name(self) -> None:
        """Take the name only if it is free, also when another program takes it just now."""
        try:
            os.link(self.temporary, self._target)
        except FileExistsError:
            raise
        except OSError:
            # No hard links on this file system: look, then rename.
            if self._target.exists():
                raise FileExistsError(17, "File exists") from None
            self.temporary.replace(self._target)
            return
        self.temporary.unlink()

    def discard(self) -> None:
        """Leave nothing behind; safe to call twice, and after ``publish``.

        Raises:
            OutputError: if the folder no longer lets go of the file; the line names it.
        """
        if not self._open:
            return
        self._open = False
        try:
            self.temporary.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(
                f"{self.path} was not written, and {self.temporary} cannot be removed: "
                f"{reason(error)}; delete it by hand"
            ) from error
        finally:
            os.close(self._claim)


def temporary_of(target: Path) -> Path:
    """Where a result is written until it is whole, and what is locked meanwhile."""
    stem = os.fsdecode(os.fsencode(target.name)[:_NAME_ROOM])
    return target.with_name(f".{stem}.part{target.suffix.lower()}")


def remove_unfinished(path: Path) -> None:
    """Remove what a killed process left of a result; what a living one writes stays."""
    temporary = temporary_of(Path(os.path.realpath(path)))
    if not temporary.exists():
        return
    # A claim that is held by somebody, or a folder that does not let go: the next run sees to it.
    with suppress(OSError):
        handle = claim_file(temporary)
        temporary.unlink(missing_ok=True)
        os.close(handle)


def container_of(path: Path) -> str:
    """FFmpeg's name of the format that a result's name asks for.

    Raises:
        OutputError: it asks for none that can be written.
    """
    ending = path.suffix.lower()
    if is_address(str(path).replace(":/", "://", 1)):
        raise OutputError(f"{path} is an address; results are files: name one")
    if ending in CONTAINERS:
        return CONTAINERS[ending]
    if ending in PICTURES:
        kind = ending if ending in {".png", ".tif", ".tiff"} else ".png"
        raise OutputError(f"{path}: pictures are numbered; name them {path.stem}_%03d{kind}")
    if path.is_dir():
        raise OutputError(f"{path} is a folder; name a file in it")
    known = f"{', '.join(sorted(CONTAINERS))}, or of a photo that of a picture, such as .jpg"
    if not ending:
        raise OutputError(
            f"{path}: its name has no ending, which says what to write; choose {known}"
        )
    raise OutputError(f"{path}: cannot write files that end in {ending!r}; choose {known}")


def _modified(path: str | Path) -> int | None:
    """When a file was last written to, nanoseconds; None if it is none any more."""
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return None
