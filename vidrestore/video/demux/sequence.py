"""Sequences of pictures: which files belong to one, in which order, and whether one is missing."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from vidrestore.config import PICTURES, VIDEOS
from vidrestore.errors import InputError
from vidrestore.text.wording import counted
from vidrestore.video.demux.files import PATTERN, is_pattern, reason

_DIGITS = re.compile(r"(\d+)")


def numbered(pattern: str, number: int) -> Path:
    """The file that a pattern names for a number."""
    path = Path(pattern)
    name = PATTERN.sub(lambda match: str(number).zfill(int(match[1] or 0)), path.name)
    return path.with_name(name)


def number_of(pattern: str, name: str) -> int | None:
    """The number by which a pattern names a file; None if it is none of the sequence's."""
    match = PATTERN.search(Path(pattern).name)
    assert match is not None
    before, after = Path(pattern).name[: match.start()], Path(pattern).name[match.end() :]
    middle = name[len(before) : len(name) - len(after)]
    if not (name.startswith(before) and name.endswith(after) and middle.isdecimal()):
        return None
    fits = numbered(pattern, int(middle)).name == name
    return int(middle) if middle.isascii() and fits else None


def pictures(path: str) -> list[Path]:
    """The files of a sequence in order.

    Args:
        path: a pattern such as "scan/frame_%05d.png", or a folder of pictures.

    Raises:
        InputError: if there are none, one is missing, or a folder holds several kinds.
    """
    try:
        return _of_pattern(path) if is_pattern(path) else _of_folder(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {reason(error)}") from error


def _of_pattern(pattern: str) -> list[Path]:
    folder = Path(pattern).parent
    if not folder.is_dir():
        raise InputError(f"{pattern}: the folder {folder} does not exist; check the path")
    found = (number_of(pattern, entry.name) for entry in folder.iterdir())
    numbers = sorted(number for number in found if number is not None)
    if not numbers:
        raise InputError(f"{pattern} matches no file; check the path and the number of digits")
    for number, following in pairwise(numbers):
        if following != number + 1:
            raise _missing(numbered(pattern, number + 1))
    return [numbered(pattern, number) for number in numbers]


def _of_folder(folder: str) -> list[Path]:
    seen = [entry for entry in Path(folder).iterdir() if not entry.name.startswith(".")]
    found = [entry for entry in seen if entry.suffix.lower() in PICTURES]
    videos = [entry for entry in seen if entry.suffix.lower() in VIDEOS]
    if videos:
        beside = f" and {counted(len(found), 'picture')}" if found else ""
        by_name = ", or the pictures by a pattern such as frame_%05d.png" if found else ""
        patterns = " ".join(f"{Path(folder) / f'*{end}'}" for end in sorted(_ends(videos)))
        raise InputError(
            f"{folder} holds {counted(len(videos), 'video')}{beside}; name the videos "
            f"({patterns}) and a folder for the results{by_name}, or have `vidrestore batch` "
            "restore all that lies below it"
        )
    if not found:
        raise InputError(f"{folder} is a directory without pictures; name a video file")
    kinds = sorted({entry.suffix.lower() for entry in found})
    if len(kinds) > 1:
        raise InputError(
            f"{folder} holds pictures of several kinds ({', '.join(kinds)}); keep those of one "
            "kind in it, or name them by a pattern such as frame_%05d.png"
        )
    found.sort(key=lambda entry: _natural(entry.name))
    for one, following in pairwise(found):
        _check_gap(one, following)
    return found


def _ends(files: list[Path]) -> set[str]:
    """Of their names."""
    return {file.suffix for file in files}


def _check_gap(one: Path, following: Path) -> None:
    """Refuse neighbours that differ in their last number alone, by more than one."""
    a, b = _DIGITS.split(one.stem), _DIGITS.split(following.stem)
    if len(a) < 2 or len(a) != len(b) or a[:-2] != b[:-2] or a[-1] != b[-1]:
        return
    number = int(a[-2])
    if int(b[-2]) > number + 1:
        name = "".join([*a[:-2], str(number + 1).zfill(len(a[-2])), a[-1]])
        raise _missing(one.with_name(f"{name}{one.suffix}"))


def _missing(path: Path) -> InputError:
    return InputError(
        f"{path} is missing from the sequence; put it there, or restore the parts before and "
        "after it one by one"
    )


def _natural(name: str) -> list[tuple[int, int, str]]:
    """A key that puts scan2 before scan10."""
    parts: Iterator[str] = iter(_DIGITS.split(name))
    return [(1, int(p), "") if p.isdecimal() else (0, 0, p.lower()) for p in parts]


def stage(files: Sequence[Path], folder: str) -> str:
    """Give the files of a sequence consecutive names without copying them.

    Returns:
        The pattern of the names, for FFmpeg's reader of sequences; they are numbered from 0.

    Raises:
        InputError: if a file cannot be reached.
    """
    ending = files[0].suffix.lower()
    try:
        for number, file in enumerate(files):
            _link(file.absolute(), Path(folder) / f"{number:09d}{ending}")
    except OSError as error:
        raise InputError(f"{files[0].parent}: {reason(error)}") from error
    return os.fspath(Path(folder) / f"%09d{ending}")


def unreadable(pattern: str) -> InputError:
    """The error for staged files of which one can no longer be read; it names one that has gone."""
    for link in sorted(Path(pattern).parent.iterdir()):
        if link.is_symlink() and not link.exists():
            return InputError(f"{link.readlink()} has gone while it was needed; put it back")
    return InputError(f"a picture of {pattern} cannot be read any more; check its permissions")


def _link(file: Path, name: Path) -> None:
    try:
        name.symlink_to(file)
    except OSError:
        # Some systems allow links to the privileged alone.
        shutil.copyfile(file, name)
