"""Which files there are: in a folder and all folders within, or in a list."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pathspec import GitIgnoreSpec

from vidrestore.config import PHOTOS
from vidrestore.errors import ConfigError, InputError
from vidrestore.job.batch.records.schema import BAGGED, bag_of
from vidrestore.text.escaping import shown

VIDEOS: Final = frozenset(
    (
        *(".264", ".3g2", ".3gp", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".gxf"),
        *(".h264", ".h265", ".hevc", ".ivf", ".m1v", ".m2t", ".m2ts", ".m2v", ".m4v", ".mkv"),
        *(".mod", ".mov", ".mp4", ".mpe", ".mpeg", ".mpg", ".mts", ".mxf", ".nut", ".ogm"),
        *(".ogv", ".qt", ".rm", ".rmvb", ".tod", ".ts", ".vob", ".webm", ".wmv", ".y4m"),
    )
)
"""Ends of the names of files that a folder is searched for; others are no videos, or rare ones
that ``include`` may name."""
_MOST_FOLDERS: Final = 200  # how deep they may lie in each other
_LONGEST_LIST: Final = 1 << 26  # bytes
_LONGEST_TOLD: Final = 1 << 16  # bytes of what a bag tells of itself


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is to be restored.

    Attributes:
        path: absolute.
        inside: its place below the folder that was searched, or its name.
        size: bytes.
        modified: when it was last written to, nanoseconds.
    """

    path: Path
    inside: Path
    size: int
    modified: int


class Scan:
    """A search that may be repeated.

    Args:
        source: a folder, or a text file of names, one a line; relative ones are taken from the
            list's own folder, and lines that begin with # are left out.
        output: results lie there, and are no sources; nor are those in a bag.
        include: patterns as of .gitignore; with any, only what matches is taken, whatever its
            name's end.
        exclude: patterns of what is left out.

    Raises:
        InputError: there is no such folder or list.
        ConfigError: a pattern is none.
    """

    def __init__(
        self, source: Path, output: Path, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> None:
        if not source.exists():
            raise InputError(f"{source} does not exist; name a folder, or a list of files")
        self._root = Path(os.path.normpath(source.absolute()))
        self._ours = {os.path.realpath(folder) for folder in (output, bag_of(output))}
        self._include = _patterns(include, "--include") if include else None
        self._exclude = _patterns(exclude, "--exclude")

    @property
    def folder(self) -> Path | None:
        """The folder that is searched; None where there is a list."""
        return self._root if self._root.is_dir() else None

    def found(self) -> Iterator[Found]:
        """Every file that is there now, in the order of names.

        Raises:
            InputError: the folder or the list cannot be read; folders within that cannot be are
                passed over.
        """
        names = self._walk(self._root, Path(), 0) if self._root.is_dir() else self._listed()
        for path, inside in names:
            try:
                there = path.stat()
            except (OSError, ValueError):
                # Named in a list, it is to be reported; gone from a folder meanwhile, it is not.
                if not self._root.is_dir():
                    yield Found(path, inside, -1, 0)
                continue
            if stat.S_ISREG(there.st_mode):
                yield Found(path, inside, there.st_size, there.st_mtime_ns)

    def _walk(self, folder: Path, inside: Path, depth: int) -> Iterator[tuple[Path, Path]]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            if inside == Path():
                raise InputError(f"{folder} cannot be searched: {error.strerror}") from error
            return
        for entry in entries:
            place = inside / entry.name
            # What is hidden is no work of a person: previews of cameras, results in the making.
            if entry.name.startswith(".") or entry.name.endswith(".part"):
                continue
            # Links to folders may lead round in circles.
            if entry.is_dir(follow_symlinks=False):
                mark = f"{place.as_posix()}/"
                here = Path(entry.path)
                if (
                    depth < _MOST_FOLDERS
                    and not self._exclude.match_file(mark)
                    and os.path.realpath(here) not in self._ours
                    and not _is_our_bag(here)
                ):
                    yield from self._walk(here, place, depth + 1)
            elif self._wanted(place):
                yield Path(entry.path), place

    def _wanted(self, place: Path) -> bool:
        name = place.as_posix()
        if self._exclude.match_file(name):
            return False
        if self._include is not None:
            return self._include.match_file(name)
        return place.suffix.lower() in VIDEOS | PHOTOS.keys()

    def _listed(self) -> Iterator[tuple[Path, Path]]:
        try:
            with self._root.open("rb") as file:
                content = file.read(_LONGEST_LIST)
        except OSError as error:
            raise InputError(f"{self._root} cannot be read: {error.strerror}") from error
        if b"\0" in content[: 1 << 16]:
            raise InputError(
                f"{self._root} is no list of files (it is no text); name a folder, or restore "
                "a single file with `vidrestore restore`"
            )
        seen = set()
        for line in content.split(b"\n"):
            text = os.fsdecode(line.strip(b"\r"))
            if not text.strip() or text.startswith("#"):
                continue
            path = Path(os.path.normpath(self._root.parent / text))
            inside = Path(path.name)
            if path not in seen and not self._exclude.match_file(path.name):
                seen.add(path)
                yield path, inside


def _is_our_bag(folder: Path) -> bool:
    """Whether a folder is a bag of results: of this OUT, or of one that is called otherwise."""
    try:
        with (folder / "bag-info.txt").open("rb") as file:
            told = file.read(_LONGEST_TOLD)
        return BAGGED.encode() in told and (folder / "bagit.txt").is_file()
    except OSError:  # there is none, as nearly everywhere
        return False


def _patterns(texts: Sequence[str], flag: str) -> GitIgnoreSpec:
    try:
        return GitIgnoreSpec.from_lines(texts)
    except ValueError as error:
        raise ConfigError(f"{flag}: {shown(str(error))}") from error
