"""Removing what processes of a batch that were killed have left."""

from __future__ import annotations

from pathlib import Path

from vidrestore.job.batch.records.schema import FOLDER, REPORTS
from vidrestore.job.batch.records.table import Table
from vidrestore.job.batch.workers.crew import COMPLAINTS


def sweep(output: Path, table: Table) -> None:
    """Remove what nobody who is known to work has left: complaints, and half written reports.

    Args:
        output: the folder of results.
        table: of it; its own process may be known or have left.

    Raises:
        OSError: the system does not let go of something.
    """
    owners = table.owners()
    left = [
        file
        for file in (output / FOLDER).glob(f"{COMPLAINTS}*.txt")
        if file.name.removeprefix(COMPLAINTS).partition("-")[0] not in owners
    ]
    # What is half written does not say whose it is.
    if owners <= {table.owner}:
        left += (output / REPORTS).rglob(".*.part")
    for file in left:
        file.unlink(missing_ok=True)
