"""Which pieces of a video are restored: from flags, or from a list of scenes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from vidrestore.cli.restoring.names import STREAM, Pair
from vidrestore.errors import ConfigError, InputError
from vidrestore.text.escaping import shown
from vidrestore.text.wording import parse_time

_MOST_BYTES = 5_000_000
# As PySceneDetect heads its lists, and as anybody would.
_START = ("start time (seconds)", "start", "from", "begin")
_END = ("end time (seconds)", "end", "to")


class Range(NamedTuple):
    """A piece of a video, seconds from its beginning; None is the video's own begin or end."""

    start: Fraction | None = None
    end: Fraction | None = None


def ranges(begins: Sequence[str], ends: Sequence[str], scenes: str | None) -> list[Range]:
    """The pieces that are asked for; the whole if none are.

    Args:
        begins: what ``--from`` was given, in order.
        ends: what ``--to`` was given, in order.
        scenes: a file that lists pieces.

    Raises:
        ConfigError: they do not belong together, or a piece is empty.
        InputError: the list cannot be read.
    """
    if scenes is not None:
        if begins or ends:
            raise ConfigError("--scenes has the times of all pieces; leave out --from and --to")
        return _listed(scenes)
    if len(begins) <= 1 and len(ends) <= 1:
        return [_range(begins[0] if begins else None, ends[0] if ends else None)]
    if len(ends) not in (len(begins), len(begins) - 1):
        raise ConfigError(
            f"{len(begins)} --from and {len(ends)} --to make no pieces; give both for each, but "
            "for the end of the last one"
        )
    return [_range(begin, end) for begin, end in zip(begins, [*ends, None], strict=False)]


def apart(pairs: Sequence[Pair], pieces: Sequence[Range]) -> list[Pair]:
    """Every piece of every video, under a name of its own where there are several."""
    if len(pieces) == 1:
        return [pair._replace(start=pieces[0].start, end=pieces[0].end) for pair in pairs]
    if any(STREAM in (pair.source, pair.output) for pair in pairs):
        raise ConfigError("several pieces cannot come from or go to one pipe; name files")
    digits = len(str(len(pieces)))
    found = []
    for pair in pairs:
        path = Path(pair.output)
        for number, piece in enumerate(pieces, 1):
            name = f"{path.stem}.{number:0{digits}d}{path.suffix}"
            found.append(Pair(pair.source, str(path.with_name(name)), *piece))
    return found


def _range(begin: str | None, end: str | None) -> Range:
    start = None if begin is None else parse_time(begin, "--from")
    stop = None if end is None else parse_time(end, "--to")
    if stop is not None and stop <= (start or 0):
        raise ConfigError(f"--to {end} leaves nothing: it must be later than --from {begin or 0}")
    return Range(start, stop)


def _listed(file: str) -> list[Range]:
    try:
        with Path(file).open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise InputError(f"--scenes {shown(file)} is longer than {_MOST_BYTES} bytes")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    except (OSError, ValueError, csv.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"--scenes {shown(file)} cannot be read: {shown(str(why))}") from error
    columns, found = (0, 1), []
    for number, row in enumerate(rows, 1):
        heads = [cell.strip().lower() for cell in row]
        if named := _columns(heads):
            columns = named
        elif any(heads) and not heads[0].startswith(("#", "timecode list")):
            found.append(_row(row, columns, f"--scenes {shown(file)}, line {number}"))
    if not found:
        raise InputError(f"--scenes {shown(file)} lists no pieces; write START,END on a line each")
    return found


def _columns(heads: Sequence[str]) -> tuple[int, int] | None:
    """Where a line of headings has begin and end."""
    start = next((heads.index(name) for name in _START if name in heads), None)
    end = next((heads.index(name) for name in _END if name in heads), None)
    return None if start is None or end is None else (start, end)


def _row(row: Sequence[str], columns: tuple[int, int], where: str) -> Range:
    if len(row) <= max(columns):
        raise InputError(f"{where}: there is no begin and end; write START,END")
    begin, end = (row[column].strip() for column in columns)
    found = Range(parse_time(begin, where), parse_time(end, where))
    if found.end is not None and found.end <= (found.start or 0):
        raise InputError(f"{where}: {shown(end)} is not later than {shown(begin)}")
    return found
