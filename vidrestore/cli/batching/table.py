"""``vidrestore batch status | retry | skip | report OUT``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from vidrestore.cli.display.batch import named, table, totals
from vidrestore.cli.display.output import show_lines, write_lines, write_result
from vidrestore.cli.failures import in_flags
from vidrestore.errors import ConfigError, ExitCode

_FOLLOWED = 2.0  # seconds between two looks at a table

Out = Annotated[str, Parameter(name="OUT", help="The folder of results.")]
Names = Annotated[
    str, Parameter(name="FILE", help="Sources, results, or patterns of them as of .gitignore.")
]


def status(
    output: Out,
    /,
    *,
    json: Annotated[
        bool, Parameter(negative=(), show_default=False, help="All that is known, as JSON.")
    ] = False,
    follow: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Show it anew until all is done.")
    ] = False,
) -> int:
    """Tell where every file stands."""
    from vidrestore import batch as work  # noqa: PLC0415
    from vidrestore.report import to_json  # noqa: PLC0415

    while True:
        rows = work.files_of(Path(output))
        if json:
            write_result(to_json([named(row) for row in rows]))
        else:
            write_lines(*map(in_flags, table(rows)), totals(rows))
        if not follow or not any(row.state in ("waiting", "running") for row in rows):
            return ExitCode.DONE
        time.sleep(_FOLLOWED)


def retry(output: Out, /, *files: Names) -> int:
    """Have files tried again by the next run, or by one under way.

    All that failed and were set aside, if none is named.
    """
    from vidrestore import batch as work  # noqa: PLC0415

    for row in work.retry_files(Path(output), files):
        show_lines(f"{row.source}: waits")
    return ExitCode.DONE


def skip(output: Out, /, *files: Names) -> int:
    """Leave files out until `batch retry` names them."""
    from vidrestore import batch as work  # noqa: PLC0415

    if not files:
        raise ConfigError("FILE is missing; name what is to be left out")
    rows = work.skip_files(Path(output), files)
    for row in rows:
        show_lines(f"{row.source}: left out")
    if not rows:
        show_lines("nothing is left out: what is done or under way stays as it is")
    return ExitCode.DONE


def report(output: Out, /) -> int:
    """Write OUT/reports/index.html, files.csv and summary.json anew."""
    from vidrestore import batch as work  # noqa: PLC0415

    show_lines(str(work.write_batch_report(Path(output))))
    return ExitCode.DONE
