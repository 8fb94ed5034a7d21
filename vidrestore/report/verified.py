"""What looking at a finished job again has shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vidrestore.errors import InputError


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        what: in a word or two.
        right: whether it is as it should be; None where that cannot be known.
        text: in a line, what was found.
    """

    what: str
    right: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Verified:
    """All that was looked at.

    Attributes:
        report: the report's file.
        checks: in the order in which they were made.
    """

    report: str
    checks: tuple[Check, ...]

    @property
    def right(self) -> bool:
        """Whether nothing is wrong; what cannot be known is not."""
        return all(check.right is not False for check in self.checks)


def unreadable(report: Path, error: InputError) -> Verified:
    """What is known of a file that was to be a report, and why it is none."""
    return Verified(str(report), (Check("report", False, str(error)),))
