"""Where the files of a report lie now, which may have been moved with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from vidrestore.report import Hashed
from vidrestore.report.keeping.fixity import hashed
from vidrestore.video.demux.files import exists

_DEEPEST: Final = 64  # folders of a file's path that it is looked for by
_UP: Final = 4  # folders above a report's own from which its files are looked for


def place_of(
    name: str, absolute: str | None, report: Path, known: Hashed | None, algorithm: str
) -> Path:
    """Where a file lies that a report names.

    There, if it is; otherwise below the report's folder or one of those around it, by as much of
    its path as is found there: in a folder that was moved as a whole, such as a BagIt bag, files
    lie to each other as they did. Of several the one with the report's hash.

    Args:
        name: as the report's job was told it.
        absolute: its whole path then; None if that is not known.
        report: the report's file.
        known: its size and hash; None if nobody knows.
        algorithm: of that hash.

    Returns:
        The name itself if nothing is found.
    """
    named = [Path(name), *([] if absolute is None else [Path(absolute)])]
    there = [path for path in named if exists(str(path))]
    moved = _moved(named[-1], report)
    there = there or [path for path in dict.fromkeys(moved) if exists(str(path))]
    if len(there) > 1 and known is not None:
        there.sort(key=lambda path: not _is(path, known, algorithm))
    return there[0] if there else named[0]


def _moved(path: Path, report: Path) -> Iterator[Path]:
    """Where it may lie: near the report first, and there by as much of its path as possible."""
    words = [word for word in path.parts if word not in (path.anchor, "..")][-_DEEPEST:]
    around = list(report.absolute().parents)[: _UP + 1]
    for folder in around:
        for length in range(len(words), 0, -1):
            yield folder.joinpath(*words[-length:])


def _is(path: Path, known: Hashed, algorithm: str) -> bool:
    try:
        if not path.is_file() or path.stat().st_size != known.size:
            return False
        return hashed(path, algorithm) == known
    except OSError:
        return False
