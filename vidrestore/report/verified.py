"""What looking at a finished job again has shown."""

from __future__ import annotations

from dataclasses import dataclass


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
