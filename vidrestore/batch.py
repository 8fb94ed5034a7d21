"""What the command line and other programs call for many files: it needs no torch itself.

The work is done in processes of its own, see ``vidrestore.job.batch``.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vidrestore.config import BatchConfig
from vidrestore.config.messages import explained_field
from vidrestore.errors import OutputError
from vidrestore.job.batch.asked import Asked
from vidrestore.job.batch.files.wanted import Wanted
from vidrestore.job.batch.outcome import Notify, Outcome, outcome
from vidrestore.job.batch.records.editing import retry as retry_files
from vidrestore.job.batch.records.editing import skip as skip_files
from vidrestore.job.batch.records.row import Row, State
from vidrestore.job.batch.records.schema import REPORTS
from vidrestore.job.batch.records.table import Table
from vidrestore.job.batch.running import Run
from vidrestore.job.batch.summing import last_run, write_reports
from vidrestore.job.batch.workers.crew import WORKER

__all__ = [
    "Asked",
    "Outcome",
    "Row",
    "State",
    "batch_config",
    "files_of",
    "retry_files",
    "run_batch",
    "skip_files",
    "write_batch_report",
]


def run_batch(
    asked: Asked,
    *,
    pause: threading.Event | None = None,
    notify: Notify | None = None,
    worker: Sequence[str] = WORKER,
) -> Outcome:
    """Restore many files, as far as it is possible; what fails is reported, and costs nothing else.

    It may be called again at any time, and by several processes at once: what is done is done.

    Args:
        asked: which files, and how.
        pause: set it from anywhere to end after the segments under way.
        notify: called with a line for everything that a user may want to know.
        worker: the command of the processes that work.

    Returns:
        What became of the files.

    Raises:
        VidrestoreError: nothing could be begun: there is no such folder, an option is none, the
            results lie on another machine.
    """
    wanted = Wanted(asked)
    try:
        asked.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{asked.output} cannot be made: {error.strerror}") from error
    asked = replace(asked, output=asked.output.absolute())
    with Table(asked.output, make=True) as table:
        table.enter()
        try:
            run = Run(
                asked,
                wanted,
                table,
                pause=pause or threading.Event(),
                notify=notify or _silent,
                worker=worker,
            )
            return run.go()
        finally:
            table.leave()


def _silent(line: str) -> None:
    """Nobody listens."""


def batch_config(options: Mapping[str, Any]) -> BatchConfig:
    """How the work goes, of texts or values by option; None leaves the default.

    Raises:
        ConfigError: one line that names the option, its range and the value.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return BatchConfig.model_validate(given)
    except ValidationError as error:
        raise explained_field(BatchConfig, error) from error


def write_batch_report(output: Path) -> Path:
    """Write the index, the table and the summary anew; give the place of the index.

    Raises:
        OutputError: the folder holds no results of a batch, or they cannot be written.
    """
    rows = files_of(output)
    seconds, stopped = last_run(output)
    write_reports(output, rows, outcome(rows, seconds, stopped))
    return output / REPORTS / "index.html"


def files_of(output: Path) -> list[Row]:
    """What is known of every file of a batch, by the names of the sources.

    Raises:
        OutputError: the folder holds no results of a batch.
    """
    with Table(output) as table:
        return table.rows()
