"""What is known of one file of a run."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self


class State(StrEnum):
    """Where a file stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    ASIDE = "set aside"
    SKIPPED = "skipped"
    VANISHED = "vanished"


UNFINISHED = (State.WAITING, State.RUNNING)
WRONG = (State.FAILED, State.ASIDE)
_PAPERS: Final = {
    "no_report": "report",
    "no_premis": "PREMIS",
    "no_frame_hashes": "hashes of frames",
    "no_page": "page",
}


def unwritten(done: Mapping[str, Any]) -> str | None:
    """What could not be written about a result, which is whole, with why; None if nothing.

    Args:
        done: what the result is, as the table knows it.
    """
    lines = [f"no {what}: {done[name]}" for name, what in _PAPERS.items() if name in done]
    return "; ".join(lines) or None


def warnings_of(done: Mapping[str, Any]) -> int:
    """How many warnings there are of a result and of its further one.

    Args:
        done: what the result is, as the table knows it.
    """
    return int(done.get("warnings", 0)) + len(done.get("also_lost", ()))


@dataclass(frozen=True, slots=True)
class Row:
    """One file.

    Attributes:
        number: of the row.
        source: the video, absolute.
        output: the result, below the folder of results.
        state: where it stands.
        size: of the source, bytes.
        modified: of the source, nanoseconds.
        settings: all of its options; empty where they are no options.
        key: tells whether its result would be another.
        ours: whether what has the result's name was made here.
        attempts: tries whose trouble may have passed.
        deaths: processes that died over it.
        alone: whether nothing else may be at work beside it.
        ready: when it may be tried again, seconds since 1970.
        owner: who is at work on it.
        length: seconds of video; None if unknown.
        frames_done: how far it is.
        frames_total: of so many; None if unknown.
        error: why it failed, in a line; of a file that is done what could not be written about
            its result, or why its options are none by now.
        reason: of which kind that is; see ``trouble``.
        why: why it is to be done again, in a few words.
        begun: seconds since 1970.
        ended: likewise.
        done: what the result is: see ``worker``; empty while there is none.
    """

    number: int
    source: Path
    output: Path
    state: State
    size: int
    modified: int
    settings: Mapping[str, Any]
    key: str
    ours: bool
    attempts: int
    deaths: int
    alone: bool
    ready: float
    owner: str | None
    length: float | None
    frames_done: int
    frames_total: int | None
    error: str | None
    reason: str | None
    why: str | None
    begun: float | None
    ended: float | None
    done: Mapping[str, Any]

    @property
    def warnings(self) -> int:
        """How many there are of its result."""
        return warnings_of(self.done)

    @classmethod
    def of(cls, row: sqlite3.Row) -> Self:
        """A row of the table."""
        given = {name: row[name] for name in row.keys()}  # noqa: SIM118 - of a row, not a dict
        given["source"], given["output"] = Path(os.fsdecode(row["source"])), Path(row["output"])
        given["state"] = State(row["state"])
        given["ours"], given["alone"] = bool(row["ours"]), bool(row["alone"])
        given["settings"] = json.loads(row["settings"])
        given["done"] = json.loads(row["done"])
        return cls(**given)
