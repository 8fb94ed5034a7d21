"""``vidrestore doctor``."""

from __future__ import annotations

from vidrestore.cli.checks.machine import findings
from vidrestore.cli.display.output import tell_lines
from vidrestore.errors import ExitCode
from vidrestore.text.wording import counted


def doctor() -> int:
    """Check this installation: versions, devices, codecs, weights.

    Put what it prints into a bug report. Lines marked with !! tell what keeps videos from being
    restored, and what to do about it; if there are any, the exit code is 2.
    """
    problems = 0
    for finding in findings():
        mark = "!!" if finding.problem else "  "
        tell_lines(f"{mark} {finding.subject:<22} {finding.text}")
        problems += finding.problem
    tell_lines(
        f"{counted(problems, 'problem')} found" if problems else "everything needed is there"
    )
    return ExitCode.UNUSABLE if problems else 0
