"""What a batch shows on the terminal."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vidrestore.text.wording import counted, of_file, spoken

if TYPE_CHECKING:
    from vidrestore.batch import Outcome, Row

_ORDER = ("done", "running", "waiting", "failed", "set aside", "skipped", "vanished")


def finished(done: Outcome) -> list[str]:
    """A run's end, in a few lines."""
    hours = spoken(done.hours * 3600)
    lines = [
        f"{_counted({str(state): count for state, count in done.counts.items()})}; {hours} of "
        f"video, {counted(done.frames, 'frame')}, {counted(done.faces, 'face')}; "
        f"{spoken(done.seconds)}"
    ]
    lines += [f"{of_file(path, error)} ({reason})" for path, reason, error in done.wrong]
    if done.warned:
        verb = "has" if done.warned == 1 else "have"
        lines.append(f"{counted(done.warned, 'finished file')} {verb} warnings, in the reports")
    if done.summary is not None:
        lines.append(f"summary: {done.summary}")
    return lines


def totals(rows: Sequence[Row]) -> str:
    """How many files stand how."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.state] = counts.get(row.state, 0) + 1
    return _counted(counts)


def _counted(counts: dict[str, int]) -> str:
    counts_text = ", ".join(f"{counts[state]} {state}" for state in _ORDER if counts.get(state))
    return counts_text or "no files"


def table(rows: Sequence[Row]) -> list[str]:
    """A line for each file."""
    return [f"{row.state:<9}  {_far(row):<12}  {_of(row)}" for row in rows]


def _far(row: Row) -> str:
    if row.state == "done":
        return spoken(row.done.get("seconds", 0.0))
    if row.state == "running" and row.frames_total:
        return f"{100 * row.frames_done // row.frames_total} %"
    if row.attempts or row.deaths:
        return counted(row.attempts + row.deaths, "try").replace("trys", "tries")
    return ""


def _of(row: Row) -> str:
    """A file's name and why it stands so."""
    warned = row.warnings if row.state == "done" else 0
    told = f"{counted(warned, 'warning')}, in its report" if warned else None
    why = row.error or (told if row.state == "done" else row.why)
    line = of_file(row.source, why) if why else str(row.source)
    return f"{line} ({row.reason})" if row.reason else line


def named(row: Row) -> dict[str, Any]:
    """All that is known of a file, as JSON has it."""
    values = {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
    return values | {"settings": dict(row.settings), "done": dict(row.done)}
