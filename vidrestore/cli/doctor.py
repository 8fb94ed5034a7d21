"""``vidrestore doctor``."""

from __future__ import annotations

from vidrestore.cli.checks import findings
from vidrestore.cli.failures import USER_ERROR
from vidrestore.cli.output import tell


def doctor() -> int:
    """Check this installation: versions, devices, codecs, weights.

    Put what it prints into a bug report. Lines marked with !! tell what keeps videos from being
    restored, and what to do about it; if there are any, the exit code is 2.
    """
    problems = 0
    for finding in findings():
        mark = "!!" if finding.problem else "  "
        tell(f"{mark} {finding.subject:<20} {finding.text}\n")
        problems += finding.problem
    count = f"{problems} problem{'' if problems == 1 else 's'}"
    tell(f"{count} found\n" if problems else "everything needed is there\n")
    return USER_ERROR if problems else 0
