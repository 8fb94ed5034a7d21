"""Numbered pictures that appear under their names all together, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from vidrestore.errors import OutputError, OutputHeldError
from vidrestore.video.demux.files import is_folder, is_pattern, reason
from vidrestore.video.demux.sequence import number_of, numbered, pictures
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.outputs.claim import NoLocksError, claim_folder

FIRST = 1
"""The first picture's number, as FFmpeg counts."""
_LAST = 10**9
# File systems allow names of 255 bytes.
_NAME_ROOM = 200


# FFmpeg's encoder for each ending; both keep every sample.
_CODECS = {".png": "png", ".tif": "tiff", ".tiff": "tiff"}


def codec_of(pattern: str) -> str:
    """The encoder of the pictures that a pattern names.

    Raises:
        OutputError: if pictures of that kind are not written.
    """
    codec = _CODECS.get(Path(pattern).suffix.lower())
    if codec is None:
        raise OutputError(f"{pattern}: pictures are written as .png or .tiff; name them so")
    return codec


class PendingPictures:
    """Numbered files in the making, in a hidden folder beside their place.

    A folder that does not exist is made when all are there. The hidden folder is locked: a second
    run to the same place is refused, and what a killed run left is replaced.

    Args:
        pattern: such as "out/frame_%05d.png".
        media: the source, whose pictures are never replaced.
        overwrite: whether a folder that holds anything may be written to. Pictures of the pattern
            are replaced then, those beyond the last are removed; other files stay.

    Attributes:
        pattern: as given.
        count: how many pictures were added.

    Raises:
        OutputError: one line, before anything but an empty hidden folder was made.
    """

    def __init__(self, pattern: str, media: MediaInfo, *, overwrite: bool) -> None:
        self.pattern = pattern
        self.count = 0
        self._folder = Path(pattern).parent
        self._overwrite = overwrite
        try:
            # The longest name of a picture, which is longer than the pattern's.
            numbered(pattern, _LAST).lstat()
        except FileNotFoundError:
            pass
        except OSError as error:
            raise OutputError(f"{pattern} cannot be written: {reason(error)}") from error
        try:
            self._made = not self._folder.exists()
            beside = self._folder.parent if self._made else self._folder
            stem = os.fsdecode(os.fsencode(Path(pattern).name)[:_NAME_ROOM])
            self._room = beside / f".{stem}.part"
            self._check(media)
            self._claim = self._claimed()
            self._open = True
            self._new, self._old = self._room / "new", self._room / "old"
            self._clear()
            # Unlike the room, which is its owner's alone, this may be what others will see.
            self._new.mkdir()
            self._old.mkdir()
        except BlockingIOError as error:
            raise OutputHeldError(
                f"{pattern} is being written by another run; wait for it or choose another name"
            ) from error
        except OSError as error:
            self.discard()
            raise OutputError(
                f"cannot write in {self._folder}: {reason(error)}; choose another folder"
            ) from error

    def _claimed(self) -> int | None:
        try:
            return claim_folder(self._room)
        except NoLocksError:
            # Nobody can tell there whose folder it is: a name that nobody else will draw.
            self._room = Path(tempfile.mkdtemp(prefix=f"{self._room.name}-", dir=self._room.parent))
            return None

    def _clear(self) -> None:
        """Remove what a killed run left, but for pictures that it had put aside."""
        if self._old.is_dir() and any(self._old.iterdir()):
            self._release()
            raise OutputError(
                f"an earlier run to {self.pattern} was killed while it replaced pictures; those "
                f"that were there before are in {self._old}: move them away first"
            )
        for left in self._room.iterdir():
            shutil.rmtree(left)

    def _release(self) -> None:
        self._open = False
        if self._claim is not None:
            os.close(self._claim)

    # Until there is something to discard.
    _open = False

    def _check(self, media: MediaInfo) -> None:
        if not self._folder.exists():
            if not self._folder.parent.is_dir():
                raise OutputError(
                    f"the folder {self._folder.parent} does not exist; create it first"
                )
            return
        if not self._folder.is_dir():
            raise OutputError(f"{self._folder} is no folder; choose another name")
        sources = {entry.resolve() for entry in _files(media.name or media.path)}
        for entry in self._existing():
            if entry.resolve() in sources:
                raise OutputError(f"{entry} is a picture of the input; choose another folder")
        if not self._overwrite and any(e != self._room for e in self._folder.iterdir()):
            raise OutputError(
                f"the folder {self._folder} is not empty; allow replacing pictures with "
                "overwrite=True, or choose another folder"
            )

    def _existing(self) -> list[Path]:
        """Files that have the sequence's names."""
        found = self._folder.iterdir()
        return sorted(e for e in found if number_of(self.pattern, e.name) is not None)

    def add(self, data: bytes | memoryview, number: int | None = None) -> None:
        """Keep the next picture.

        Args:
            data: the whole file.
            number: in its name, larger than those before; None counts from 1.

        Raises:
            OSError: if it cannot be written.
        """
        number = FIRST + self.count if number is None else number
        (self._new / numbered(self.pattern, number).name).write_bytes(data)
        self.count += 1

    def publish(self) -> None:
        """Give all pictures their names.

        Raises:
            OutputError: if there is none, or that fails; what was there before is there again then.
        """
        if not self.count:
            self.discard()
            raise OutputError(f"no frame was written to {self.pattern}")
        try:
            if self._made:
                self._new.rename(self._folder)
            else:
                self._exchange()
        except OSError as error:
            self.discard()
            raise OutputError(f"cannot write {self.pattern}: {reason(error)}") from error
        self.discard()

    def _exchange(self) -> None:
        """Put the old pictures aside and the new ones in their place; all of it, or nothing."""
        before = self._existing()
        if before and not self._overwrite:
            raise FileExistsError(17, f"{before[0].name} has appeared meanwhile")
        moves = [(entry, self._old / entry.name) for entry in before]
        moves += [(e, self._folder / e.name) for e in sorted(self._new.iterdir())]
        done: list[tuple[Path, Path]] = []
        try:
            for here, there in moves:
                here.rename(there)
                done.append((here, there))
        except OSError:
            self._undo(done)
            raise

    def _undo(self, done: list[tuple[Path, Path]]) -> None:
        try:
            for here, there in reversed(done):
                there.rename(here)
        except OSError as error:
            self._release()  # The old pictures must not go with the room.
            raise OutputError(
                f"cannot write {self.pattern}: {reason(error)}; pictures that were there before "
                f"are in {self._old}"
            ) from error

    def discard(self) -> None:
        """Leave nothing behind but what was published; safe to call twice.

        Raises:
            OutputError: if the folder no longer lets go of its parts; the line names them.
        """
        if not self._open:
            return
        try:
            shutil.rmtree(self._room)
        except FileNotFoundError:
            # The folder has gone, and the parts with it.
            return
        except OSError as error:
            raise OutputError(
                f"{self._room} cannot be removed: {reason(error)}; delete it by hand"
            ) from error
        finally:
            self._release()


def _files(source: str) -> list[Path]:
    """The files that are read."""
    if is_pattern(source) or is_folder(source):
        return pictures(source)
    return [Path(source)]
