"""What a person changes in the table: files to try again, files to leave out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pathspec import GitIgnoreSpec

from vidrestore.errors import InputError
from vidrestore.job.batch.records.row import WRONG, Row, State
from vidrestore.job.batch.records.table import Table
from vidrestore.text.escaping import shown


def retry(output: Path, names: Sequence[str]) -> list[Row]:
    """Have files wait again, whatever became of them; all that failed if none is named.

    Args:
        output: the folder of results.
        names: sources or results, or patterns of them as of .gitignore.

    Raises:
        InputError: a name is of no file.
        OutputError: there is no table.
    """
    with Table(output) as table:
        if not names:
            chosen = table.rows(*WRONG)
        else:
            chosen = [row for row in _named(table, names) if row.state != State.RUNNING]
        for row in chosen:
            table.change(
                row.number,
                state=State.WAITING,
                attempts=0,
                deaths=0,
                alone=False,
                ready=0.0,
                error=None,
                reason=None,
                why="asked for again",
                done={},
            )
        return chosen


def skip(output: Path, names: Sequence[str]) -> list[Row]:
    """Leave files out from now on, until they are to be tried again.

    Raises:
        InputError: a name is of no file.
        OutputError: there is no table.
    """
    with Table(output) as table:
        chosen = [
            row for row in _named(table, names) if row.state not in (State.RUNNING, State.DONE)
        ]
        for row in chosen:
            table.change(row.number, state=State.SKIPPED)
        return chosen


def _named(table: Table, names: Sequence[str]) -> Iterator[Row]:
    rows, seen = table.rows(), set()
    for name in names:
        pattern = GitIgnoreSpec.from_lines([name])
        real = Path(name).absolute()
        found = [
            row
            for row in rows
            if row.source == real
            or table.output.absolute() / row.output == real
            or pattern.match_file(str(row.source).lstrip("/"))
            or pattern.match_file(row.output.as_posix())
        ]
        if not found:
            raise InputError(
                f"{shown(name)} is no file of this batch; `vidrestore batch status` lists them"
            )
        for row in found:
            if row.number not in seen:
                seen.add(row.number)
                yield row
