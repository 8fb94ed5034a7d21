"""Whether results may be written where they are to lie."""

from __future__ import annotations

import os

from vidrestore.job.batch.asked import Asked
from vidrestore.job.batch.files.also import Also
from vidrestore.job.batch.records.row import Row
from vidrestore.job.batch.records.table import Table
from vidrestore.job.batch.records.trouble import Reason


def obstacle(row: Row, asked: Asked, also: Also | None, table: Table) -> tuple[Reason, str] | None:
    """Why a file cannot be begun; None if nothing is in its way: its folder is there then.

    Args:
        row: of the file.
        asked: the run.
        also: a further result of each file; None for none.
        table: of the folder of results.
    """
    names = [row.output]
    if also is not None:
        names.append(also.name(row.output))
        if (rival := also.rival(row.output, table, row.number)) is not None:
            return Reason.EXISTS, (
                f"{names[1]} would be a result of {rival} as well; give --also another end, or "
                "another OUT"
            )
    there = [name for name in names if os.path.lexists(asked.output / name)]
    if there and not row.ours and not asked.overwrite:
        return Reason.EXISTS, (
            f"{asked.output / there[0]} exists and was not made by this batch; move it away, or "
            "add --overwrite"
        )
    folder = (asked.output / row.output).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return Reason.PASSING, f"{folder} cannot be made: {error.strerror}"
    return None
