"""``vidrestore doctor``."""

from __future__ import annotations

from vidrestore.cli.checks import findings
from vidrestore.cli.failures import USER_ERROR
from vidrestore.cli.output import tell
from vidrestore.cli.wording import counted


def doctor() -> int:
    """Check this installation: versions, devices, codecs, weights.

    Put what it prints into a bug report. Lines marked with !! tell what keeps videos from being
    restored, and what to do about it; if there are any, the exit code is 2.
    """
    problems = 0
    for finding in findings():
        mark = "!!" if finding.problem else "  "
        tell(f"{mark} {finding.subject:<22} {finding.text}\n")
        problems += finding.problem
    tell(f"{counted(problems, 'problem')} found\n" if problems else "everything needed is there\n")
    return USER_ERROR if problems else 0
