"""Bringing the table up to what is found: what is new, has changed, and has gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from vidrestore.errors import ConfigError
from vidrestore.job.batch.files import settings
from vidrestore.job.batch.files.also import Also
from vidrestore.job.batch.files.naming import ending, safe
from vidrestore.job.batch.files.scanning import Found
from vidrestore.job.batch.files.settings import Settings
from vidrestore.job.batch.files.unchanged import rests, same
from vidrestore.job.batch.records.row import Row, State, unwritten
from vidrestore.job.batch.records.table import Table
from vidrestore.job.batch.records.trouble import NEXT_TIME, Reason

_AT_ONCE: Final = 200  # files that are noted in one transaction


@dataclass(slots=True)
class Seen:
    """What a scan has brought.

    Attributes:
        added: files that are new, and to be done.
        refused: whose options are none, with why; those that are done or skipped stay so.
        again: what is to be done again, with why.
        vanished: what has gone.
        notes: files of which something else is to be told.
        kept: files that are done and as they were.
    """

    added: list[Path] = field(default_factory=list)
    refused: list[tuple[Path, str]] = field(default_factory=list)
    again: list[tuple[Path, str]] = field(default_factory=list)
    vanished: list[Path] = field(default_factory=list)
    notes: list[tuple[Path, str]] = field(default_factory=list)
    kept: int = 0


@dataclass(frozen=True, slots=True)
class _Now:
    """A file as it is now: how its result's name ends, its options, or why these are none."""

    found: Found
    end: str
    settings: dict[str, Any]
    key: str
    error: str | None

    @property
    def about(self) -> dict[str, Any]:
        """What the table is to know of it."""
        size, modified = self.found.size, self.found.modified
        return {"size": size, "modified": modified, "settings": self.settings, "key": self.key}


class Syncing:
    """Brings a table up to what is found.

    Args:
        table: of the folder of results.
        options: of every file.
        container: that results go into, as asked for.
        root: the folder that is searched; None for a list.
        also: a further result of every file; None for none.
    """

    def __init__(
        self,
        table: Table,
        options: Settings,
        container: str,
        root: Path | None,
        also: Also | None,
    ) -> None:
        self._table, self._options, self._also = table, options, also
        self._container, self._root = container, root
        self._plain: dict[str, tuple[dict[str, Any], str]] = {}
        self._unsure: dict[Path, Found] = {}
        self._copied: dict[Path, bool] = {}

    def sync(self, found: Iterator[Found], *, rested: float = 0.0) -> Seen:
        """Compare the table with what is there now.

        Args:
            found: every file.
            rested: seconds for which a new file must not have changed to be taken up.
        """
        seen, there = Seen(), set[Path]()
        self._options.forget()
        # A commit reaches the disk, which takes milliseconds; other processes wait for a few.
        while some := list(islice(found, _AT_ONCE)):
            there.update(one.path for one in some)
            self._unsure.clear()
            with self._table.together():
                for one in some:
                    if not rested or rests(one, rested):
                        self._one(one, seen)
            self._hash_unsure()
            with self._table.together():
                for one in self._unsure.values():
                    self._one(one, seen)
        if self._root is not None:
            with self._table.together():
                self._gone(there, seen)
        return seen

    def _hash_unsure(self) -> None:
        """Hash what has another time; in no transaction, for which all others would wait."""
        self._copied = {}
        for path, one in self._unsure.items():
            row = self._table.row(path)
            self._copied[path] = row is not None and same(row, one)

    def _one(self, one: Found, seen: Seen) -> None:
        row = self._table.row(one.path)
        if one.size < 0:
            if row is None:
                self._table.add(
                    one.path,
                    safe(one.inside, ".mkv", self._taken),
                    state=State.VANISHED,
                    size=0,
                    modified=0,
                    settings={},
                    key="",
                )
            elif row.state not in (State.RUNNING, State.DONE):
                self._table.change(row.number, state=State.VANISHED)
            seen.vanished.append(one.path)
            return
        now = self._now(one)
        if row is None:
            state, reason = (State.FAILED, Reason.SETTINGS) if now.error else (State.WAITING, None)
            name = safe(one.inside, now.end, self._taken)
            values = {"state": state, "error": now.error, "reason": reason}
            self._table.add(one.path, name, **values, **now.about)
            if now.error is None:
                seen.added.append(one.path)
            else:
                seen.refused.append((one.path, now.error))
        elif row.state != State.RUNNING:
            self._known(row, now, seen)

    def _taken(self, output: Path, number: int | None = None) -> bool:
        """Whether a result of that name, or its further one, would replace another file's."""
        if self._table.taken(output):
            return True
        rival = self._also and self._also.rival(output, self._table, number)
        return rival is not None

    def _now(self, one: Found) -> _Now:
        try:
            config = self._options.of(one.path)
        except ConfigError as refused:
            return _Now(one, ".mkv", {}, "", str(refused))
        end = ending(one.path, config, self._container)
        # Most files have nothing beside them, and so the same options.
        known = self._plain.get(end) if config is self._options.plain else None
        if known is None:
            known = config.model_dump(mode="json"), settings.key(config, end)
            if config is self._options.plain:
                self._plain[end] = known
        return _Now(one, end, *known, None)

    def _known(self, row: Row, now: _Now, seen: Seen) -> None:
        """What becomes of a file that the table knows."""
        one = now.found
        if now.error is not None:
            self._refused(row, now.error, seen)
            return
        if one.path not in self._copied and one.size == row.size and one.modified != row.modified:
            self._unsure[one.path] = one
            return
        row = self._mended(row)
        why = self._why(row, now)
        if why is None:
            if row.state == State.DONE and (lacking := self._lacks(row)) is not None:
                self._table.change(row.number, state=State.WAITING, why=lacking, ready=0.0)
                seen.again.append((one.path, lacking))
            elif row.state == State.DONE:
                seen.kept += 1
                if one.modified != row.modified:
                    self._table.change(row.number, modified=one.modified)
                if (other := self._touched(row)) is not None:
                    seen.notes.append((one.path, other))
            elif row.state == State.FAILED and row.reason in NEXT_TIME:
                again = {"state": State.WAITING, "attempts": 0, "ready": 0.0}
                self._table.change(row.number, **again, **now.about)
            elif row.settings != now.settings:
                # Of another version, or of what makes no other result: a device, a limit.
                self._table.change(row.number, **now.about)
            return
        output, ours = row.output, row.ours
        if output.suffix != now.end:
            output, ours = safe(one.inside, now.end, partial(self._taken, number=row.number)), False
            if row.ours and row.done:
                seen.notes.append((one.path, f"its former result {row.output} stays"))
        waits = row.state != State.SKIPPED
        self._table.change(
            row.number,
            **now.about,
            state=State.WAITING if waits else row.state,
            output=str(output),
            ours=ours,
            why=why,
            done={},
            length=None,
            error=None,
            reason=None,
            attempts=0,
            deaths=0,
            alone=False,
            ready=0.0,
        )
        if row.state not in (State.WAITING, State.SKIPPED):
            seen.again.append((one.path, why))

    def _refused(self, row: Row, error: str, seen: Seen) -> None:
        """A file that is known has options now that are none.

        One that is done stays so, with its result, and what is left out stays left out.
        """
        stays = row.state == State.SKIPPED or (row.state == State.DONE and self._there(row))
        state = row.state if stays else State.FAILED
        seen.kept += state == State.DONE
        if row.error != error or row.reason != Reason.SETTINGS:
            seen.refused.append((row.source, error))
        self._table.change(row.number, state=state, error=error, reason=Reason.SETTINGS)

    def _mended(self, row: Row) -> Row:
        """A file whose options are some again, as it stood before: its result is what it was."""
        finished = bool(row.done) and row.state in (State.DONE, State.FAILED)
        if row.reason != Reason.SETTINGS or not (finished or row.state == State.SKIPPED):
            return row
        state = State.DONE if finished else row.state
        error = unwritten(row.done) if finished else None
        self._table.change(row.number, state=state, error=error, reason=None)
        return replace(row, state=state, error=error, reason=None)

    def _lacks(self, row: Row) -> str | None:
        """What of a finished file is yet to be made of its result; None if nothing is."""
        if self._also is None:
            return None
        name = self._also.name(row.output)
        made = row.done.get("also") == str(name) or name == row.output
        return None if made and (self._table.output / name).exists() else f"it has no {name} yet"

    def _why(self, row: Row, now: _Now) -> str | None:
        """Why a file is to be done, again or now; None if nothing has changed."""
        one = now.found
        if row.state == State.VANISHED:
            return "it is back"
        if row.reason == Reason.SETTINGS:
            return "its options have changed"
        if one.size != row.size or (
            one.modified != row.modified and not self._copied.get(one.path, False)
        ):
            return "the source has changed"
        if row.key != now.key:
            changed = settings.changes(row.settings, now.settings) if row.settings else []
            return "; ".join(changed) or "the options or the model's file have changed"
        if row.state == State.DONE and not self._there(row):
            return "its result is gone"
        return None

    def _there(self, row: Row) -> bool:
        """Whether what has the name of a file's result is there."""
        return (self._table.output / row.output).exists()

    def _touched(self, row: Row) -> str | None:
        """What somebody else has done to a result; None if nothing."""
        size = (self._table.output / row.output).stat().st_size
        if size != row.done.get("output_bytes", size):
            return "its result was changed since, and is left as it is"
        return None

    def _gone(self, there: set[Path], seen: Seen) -> None:
        assert self._root is not None
        for row in self._table.rows():
            if row.source in there or not row.source.is_relative_to(self._root):
                continue
            if row.state in (State.RUNNING, State.VANISHED) or row.source.exists():
                continue
            seen.vanished.append(row.source)
            if row.state != State.DONE:
                self._table.change(row.number, state=State.VANISHED)
