"""``vidrestore doctor``."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from vidrestore.cli.checks.bundle import write_bundle
from vidrestore.cli.checks.finding import Finding
from vidrestore.cli.checks.machine import findings
from vidrestore.cli.display.output import write_lines
from vidrestore.cli.failures import refuse_without
from vidrestore.errors import ExitCode
from vidrestore.text.wording import counted

_LEAST, _SUBJECT = 60, 22


def doctor(
    *,
    bundle: Annotated[
        str | None,
        Parameter(metavar="FILE.zip", help="Write all of it into a file for a bug report."),
    ] = None,
    log: Annotated[
        str | None,
        Parameter(metavar="FILE", help="With --bundle: a log of --log, put into it."),
    ] = None,
    paths: Annotated[
        bool,
        Parameter(
            negative=(),
            show_default=False,
            help="With --bundle: keep paths, and names with a known ending, which are left out "
            "otherwise with what may belong to them.",
        ),
    ] = False,
    overwrite: Annotated[
        bool,
        Parameter(
            alias="-y", negative=(), show_default=False, help="With --bundle: replace a file."
        ),
    ] = False,
) -> int:
    """Check this installation: versions, devices, codecs, weights.

    Put what it prints into a bug report. Lines marked with !! tell what keeps videos from being
    restored, and what to do about it; if there are any, the exit code is 2.
    """
    if bundle is None:
        asked = {"--log": log is not None, "--paths": paths, "--overwrite": overwrite}
        refuse_without("--bundle", asked)
    found = []
    width = max(_LEAST, shutil.get_terminal_size().columns)
    for finding in findings():
        write_lines(*_lines(finding, width))
        found.append(finding)
    problems = sum(finding.problem for finding in found)
    write_lines(
        f"{counted(problems, 'problem')} found" if problems else "everything needed is there"
    )
    if bundle is not None:
        write_bundle(Path(bundle), found, log, paths=paths, overwrite=overwrite)
        write_lines(f"{bundle}: for a bug report; look into it before you send it")
    return ExitCode.UNUSABLE if problems else 0


def _lines(finding: Finding, width: int) -> list[str]:
    """A finding in two columns."""
    mark = "!!" if finding.problem else "  "
    head = f"{mark} {finding.subject:<{_SUBJECT}} "
    room = width - len(head) - 1
    wrapped = textwrap.wrap(finding.text, room, break_on_hyphens=False, break_long_words=False) or [
        ""
    ]
    return [head + wrapped[0], *(" " * len(head) + line for line in wrapped[1:])]
