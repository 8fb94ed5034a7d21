"""What a batch tells while it runs, and when it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vidrestore.job.batch.records.row import UNFINISHED, WRONG, Row, State, warnings_of

Notify = Callable[[str], None]
"""Called with a line for the user."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        counts: files by where they stand.
        wrong: those that failed, as (source, reason, error).
        hours: of video that is done.
        frames: of the results.
        faces: restored in them.
        seconds: that the run took.
        warned: files that are done, with warnings in their reports.
        stopped: why it ended before all was done; None if it did not.
        summary: the file that tells all this.
    """

    counts: Mapping[State, int]
    wrong: Sequence[tuple[Path, str, str]]
    hours: float
    frames: int
    faces: int
    seconds: float
    warned: int = 0
    stopped: str | None = None
    summary: Path | None = None

    @property
    def left(self) -> int:
        """Files that wait, or that another process works on."""
        return sum(self.counts.get(state, 0) for state in UNFINISHED)

    @property
    def failures(self) -> Counter[str]:
        """How many files failed for each reason."""
        return Counter(reason for _, reason, _ in self.wrong)


def outcome(rows: Sequence[Row], seconds: float, stopped: str | None = None) -> Outcome:
    """What the table says in the end."""
    done = [row.done for row in rows if row.state == State.DONE]
    return Outcome(
        counts=Counter(row.state for row in rows),
        wrong=[
            (row.source, row.reason or "", row.error or "") for row in rows if row.state in WRONG
        ],
        hours=sum(each.get("duration", 0.0) for each in done) / 3600,
        frames=sum(each.get("frames", 0) for each in done),
        faces=sum(each.get("faces", 0) for each in done),
        seconds=seconds,
        warned=sum(warnings_of(each) > 0 for each in done),
        stopped=stopped,
    )
