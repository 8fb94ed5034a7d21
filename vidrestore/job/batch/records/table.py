"""What is known of every file, shared by all processes that work for one folder of results.

A process that works has a row among the owners and renews its beat every few seconds; a file that
it works on names it. Where the process has ended, or its beat is old, the file is anybody's again.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

import psutil

from vidrestore.errors import OutputError
from vidrestore.job.batch.records.row import Row, State
from vidrestore.job.batch.records.schema import connect

BEAT: Final = 5.0
"""Seconds between two beats of a process that works."""
_DEAD: Final = 60.0  # seconds without a beat after which a process that seems to live does not
_ORDERS: Final = {"name": "source", "size": "size, source", "shortest": "length IS NULL, length"}


class Table:
    """The table of one folder of results.

    An object belongs to one thread; each thread and process has its own.

    Args:
        output: the folder.
        make: whether to begin one where there is none.

    Raises:
        OutputError: it cannot be used; see ``schema.connect``.
    """

    def __init__(self, output: Path, *, make: bool = False) -> None:
        self.output = output
        self._connection = connect(output, make=make)
        self.owner = ""

    def __enter__(self) -> Self:
        """The table itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the file; safe to call twice."""
        self._connection.close()

    # Owners

    def enter(self) -> None:
        """Work under a name of one's own from now on."""
        self.owner = uuid4().hex
        self.beat(self.owner)

    def beat(self, owner: str) -> None:
        """Tell that this process still works; others may have taken it for dead while it slept."""
        own = psutil.Process()
        self._do(
            "INSERT INTO owners VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET beat = excluded.beat",
            (owner, own.pid, own.create_time(), time.time()),
        )

    def rest(self) -> None:
        """Have what was under way wait; this process is known to work until it leaves."""
        with self._transaction():
            self._wait(self.owner)

    def leave(self) -> None:
        """Work no more; what was under way waits."""
        with self._transaction():
            self._free((self.owner,))

    def bury(self) -> int:
        """Make what dead processes worked on wait again; give how many files that were."""
        now = time.time()
        with self._transaction():
            dead = [
                str(row["id"])
                for row in self._do("SELECT * FROM owners WHERE id != ?", (self.owner,))
                if not _lives(row["process"], row["created"]) or row["beat"] < now - _DEAD
            ]
            count = self._free(tuple(dead))
            # Taken after a sleep by a process that others had taken for dead, and that is now.
            return (
                count
                + self._do(
                    "UPDATE jobs SET state = ?, owner = NULL WHERE state = ? AND owner NOT IN "
                    "(SELECT id FROM owners) AND owner != ?",
                    (State.WAITING, State.RUNNING, self.owner),
                ).rowcount
            )

    def owners(self) -> set[str]:
        """All processes that work."""
        return {str(row["id"]) for row in self._do("SELECT id FROM owners")}

    def _wait(self, owner: str) -> int:
        """Have what a process works on wait; give how many files that are."""
        return self._do(
            "UPDATE jobs SET state = ?, owner = NULL WHERE state = ? AND owner = ?",
            (State.WAITING, State.RUNNING, owner),
        ).rowcount

    def _free(self, owners: Iterable[str]) -> int:
        count = 0
        for owner in owners:
            count += self._wait(owner)
            self._do("DELETE FROM owners WHERE id = ?", (owner,))
        return count

    # Files

    def rows(self, *states: State) -> list[Row]:
        """The files that stand so, by name; all without any state."""
        marks = ", ".join("?" * len(states))
        where = f"WHERE state IN ({marks})" if states else ""
        found = self._do(f"SELECT * FROM jobs {where} ORDER BY source", states)  # noqa: S608 - marks
        return [Row.of(row) for row in found]

    def row(self, source: Path) -> Row | None:
        """A file; None if it is not known."""
        found = self._do("SELECT * FROM jobs WHERE source = ?", (_bytes(source),)).fetchone()
        return None if found is None else Row.of(found)

    def counts(self) -> Counter[State]:
        """How many files stand how."""
        found = self._do("SELECT state, count(*) AS many FROM jobs GROUP BY state")
        return Counter({State(row["state"]): row["many"] for row in found})

    def taken(self, output: Path) -> bool:
        """Whether a result has this name, whatever its capitals."""
        found = self._do("SELECT 1 FROM jobs WHERE output = ?", (str(output),)).fetchone()
        return found is not None

    def called(self, stem: Path) -> list[tuple[int, Path]]:
        """Row and name of each result that is called so, with any end and whatever its capitals."""
        found = self._do(
            "SELECT number, output FROM jobs WHERE output > ? AND output < ?",
            (f"{stem}.", f"{stem}/"),  # "/" follows "." in ASCII
        )
        return [(row["number"], Path(row["output"])) for row in found]

    def add(self, source: Path, output: Path, **values: Any) -> None:
        """Take up a file."""
        values = {"source": _bytes(source), "output": str(output), **_plain(values)}
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        self._do(
            f"INSERT OR IGNORE INTO jobs ({names}) VALUES ({marks})",  # noqa: S608 - own names
            tuple(values.values()),
        )

    def change(self, number: int, **values: Any) -> None:
        """Change what is known of a file that nobody works on."""
        self._change("number = ? AND state != ?", (number, State.RUNNING), values)

    def set_mine(self, number: int, **values: Any) -> bool:
        """Change a file that this process works on; return whether it still does."""
        return self._change("number = ? AND owner = ?", (number, self.owner), values)

    def _change(self, where: str, marks: tuple[Any, ...], values: Mapping[str, Any]) -> bool:
        values = _plain(values)
        names = ", ".join(f"{name} = ?" for name in values)
        query = f"UPDATE jobs SET {names} WHERE {where}"  # noqa: S608 - own names
        return self._do(query, (*values.values(), *marks)).rowcount > 0

    def claim(self, order: str) -> Row | None:
        """Take a file to work on, if one may be tried now.

        One that is to be alone comes when nothing else is at work, and nothing else comes then.
        """
        with self._transaction():
            running = self._do(
                "SELECT count(*) AS many, coalesce(max(alone), 0) AS alone FROM jobs "
                "WHERE state = ?",
                (State.RUNNING,),
            ).fetchone()
            if running["alone"]:
                return None
            found = self._do(
                "SELECT * FROM jobs WHERE state = ? AND ready <= ? AND (NOT alone OR ?) "  # noqa: S608 - own
                f"ORDER BY alone, {_ORDERS[order]} LIMIT 1",
                (State.WAITING, time.time(), running["many"] == 0),
            ).fetchone()
            if found is None:
                return None
            self._change(
                "number = ?",
                (found["number"],),
                {
                    "state": State.RUNNING,
                    "owner": self.owner,
                    "begun": time.time(),
                    "ended": None,
                    "frames_done": 0,
                },
            )
            return Row.of(found)

    def unprobed(self) -> Row | None:
        """A waiting file of which nobody knows how long it is."""
        found = self._do(
            "SELECT * FROM jobs WHERE state = ? AND length IS NULL LIMIT 1", (State.WAITING,)
        ).fetchone()
        return None if found is None else Row.of(found)

    def soonest(self) -> float | None:
        """When the next waiting file may be tried, seconds since 1970; None if none waits."""
        found = self._do("SELECT min(ready) FROM jobs WHERE state = ?", (State.WAITING,)).fetchone()
        return None if found[0] is None else float(found[0])

    @contextmanager
    def together(self) -> Iterator[None]:
        """All changes in the block are made, or none."""
        with self._transaction():
            yield

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._connection.in_transaction:
            yield
            return
        self._do("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._do("ROLLBACK")
            raise
        self._do("COMMIT")

    def _do(self, query: str, marks: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._connection.execute(query, marks)
        except sqlite3.Error as error:
            raise OutputError(f"the table of {self.output} cannot be used: {error}") from error


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: json.dumps(value) if isinstance(value, Mapping) else value
        for name, value in values.items()
    }


def _bytes(path: Path) -> bytes:
    """A name as the file system has it, which need not be text."""
    return os.fsencode(path)


def _lives(process: int, created: float) -> bool:
    """Whether a process still runs, and is no later one of the same number."""
    try:
        return bool(abs(psutil.Process(process).create_time() - created) < 2)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
