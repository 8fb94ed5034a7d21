"""All that a run is to look for, checked before anything is made."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from vidrestore.errors import OutputError
from vidrestore.job.batch.asked import Asked
from vidrestore.job.batch.files.also import Also
from vidrestore.job.batch.files.scanning import Scan
from vidrestore.job.batch.files.settings import Settings
from vidrestore.job.batch.files.syncing import Seen, Syncing
from vidrestore.job.batch.records.row import State
from vidrestore.job.batch.records.table import Table
from vidrestore.text.escaping import shown
from vidrestore.text.wording import counted

_MANY: Final = 20  # files of which each is named


class Wanted:
    """What is asked for, understood.

    Args:
        asked: by the caller.

    Attributes:
        settings: options of every file.
        also: a further result of each; None for none.

    Raises:
        InputError: there is no such folder or list.
        OutputError: results would lie among the sources.
        ConfigError: an option, a pattern or a name is none.
    """

    def __init__(self, asked: Asked) -> None:
        self._scan = Scan(asked.source, asked.output, asked.include, asked.exclude)
        if os.path.realpath(asked.source) == os.path.realpath(asked.output):
            raise OutputError(
                f"{shown(asked.output)} holds the sources, and results would take their names; "
                "name another folder as OUT, also one within"
            )
        self.settings = Settings(asked.preset, asked.options, self._scan.folder)
        self.also = None if asked.also is None else Also(*asked.also)
        self._container = asked.batch.container
        self._rested = asked.batch.rest if asked.watch else 0.0
        self._scanned: float | None = None

    @property
    def stale(self) -> bool:
        """Whether so much time has passed that there may be new files."""
        every = max(1.0, self._rested / 2)
        return self._scanned is None or time.monotonic() - self._scanned > every

    def look(self, table: Table) -> list[str]:
        """Bring a table up to what is there now; give what is to be reported of it."""
        first = self._scanned is None
        syncing = Syncing(table, self.settings, self._container, self._scan.folder, self.also)
        seen = syncing.sync(self._scan.found(), rested=self._rested)
        self._scanned = time.monotonic()
        lines = _first(table, seen) if first else []
        lines += _some("refused", [_refused(table, path, why) for path, why in seen.refused])
        lines += _some("again", [f"{path}: again, {why}" for path, why in seen.again])
        lines += _some("noted", [f"{path}: {what}" for path, what in seen.notes])
        if first:
            lines += _some("vanished", [f"{path}: has vanished" for path in seen.vanished])
        return lines


def _first(table: Table, seen: Seen) -> list[str]:
    waiting = table.counts()[State.WAITING]
    new = f"{len(seen.added)} of them new"
    return [f"{counted(waiting, 'file')} to do, {new}; {seen.kept} done before"]


def _refused(table: Table, path: Path, why: str) -> str:
    """A line of a file whose options are none."""
    row = table.row(path)
    if row is not None and row.state in (State.DONE, State.SKIPPED):
        return f"{path} stays {row.state}, but {why}"
    return f"FAILED {path}: {why}"


def _some(what: str, lines: list[str]) -> list[str]:
    more = len(lines) - _MANY
    return lines[:_MANY] + ([f"... and {more} more {what}"] if more > 0 else [])
