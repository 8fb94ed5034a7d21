"""A run: files are handed to processes until none is left, or the morning has come."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from vidrestore.errors import InputError, OutputError
from vidrestore.job.batch.asked import Asked
from vidrestore.job.batch.files.wanted import Wanted
from vidrestore.job.batch.outcome import Notify, Outcome, outcome
from vidrestore.job.batch.places import obstacle
from vidrestore.job.batch.records.heart import Heart
from vidrestore.job.batch.records.row import Row, State
from vidrestore.job.batch.records.schema import FOLDER
from vidrestore.job.batch.records.table import Table
from vidrestore.job.batch.records.trouble import Reason
from vidrestore.job.batch.room import Room
from vidrestore.job.batch.summing import former_manifests, write_fixity, write_reports
from vidrestore.job.batch.sweeping import sweep
from vidrestore.job.batch.verdicts import Verdicts
from vidrestore.job.batch.workers.crew import WORKER, Crew
from vidrestore.job.batch.workers.process import Process
from vidrestore.text.wording import counted

_POLL: Final = 0.2  # seconds
_LOOKED_AT: Final = 2.0  # seconds between two looks at the disk and at what has died
_FALSE_STARTS: Final = 3  # processes that may end before their first word, one after the other


class Run:
    """One run over many files.

    Args:
        asked: what is wanted.
        wanted: the same, understood.
        table: of the folder of results, entered.
        pause: set it from anywhere to end after the segments under way.
        notify: called with lines for the user.
        worker: the command of a process.
    """

    def __init__(
        self,
        asked: Asked,
        wanted: Wanted,
        table: Table,
        *,
        pause: threading.Event,
        notify: Notify,
        worker: Sequence[str] = WORKER,
    ) -> None:
        self._asked, self._table, self._pause, self._notify = asked, table, pause, notify
        self._config = asked.batch
        self._wanted = wanted
        self._room = Room(asked.output, asked.batch.free * 1e9, notify)
        options = wanted.settings.plain
        self._crew = Crew(worker, asked.batch, options, asked.output, table.owner)
        self._verdicts = Verdicts(table, asked.batch, notify, self._crew.fewer)
        self._stopped: str | None = None
        self._looked = 0.0
        self._unseen = ""
        self._false_starts = 0

    def go(self) -> Outcome:
        """Work until all is done, or it is time to end.

        Raises:
            VidrestoreError: nothing can be done at all.
        """
        begun = time.monotonic()
        self._table.bury()
        sweep(self._asked.output, self._table)
        self._say(self._wanted.look(self._table))
        try:
            with Heart(self._asked.output, self._table.owner):
                try:
                    while self._step():
                        pass
                finally:
                    self._crew.close()
                    self._table.rest()
                return self._written(begun)
        finally:
            # Not before: who ends last removes what is written by nobody who is known to work.
            self._table.leave()
            sweep(self._asked.output, self._table)

    def _written(self, begun: float) -> Outcome:
        """Write what is known of all files."""
        rows = self._table.rows()
        ended = outcome(rows, time.monotonic() - begun, self._stopped)
        algorithm = self._wanted.settings.plain.output.checksum
        write_fixity(self._asked, algorithm, rows)
        self._say(former_manifests(self._asked.output, algorithm))
        return write_reports(self._asked.output, rows, ended)

    # One round

    def _step(self) -> bool:
        """Hand out work and listen for a moment; return whether there is more to do."""
        self._check_time()
        busy = [process for process in self._crew.processes if process.row is not None]
        if self._stopped is None:
            self._look()
            if not self._hand_out(len(busy)) and not busy:
                return False
        elif not busy:
            return False
        event = self._crew.next(_POLL)
        if event is not None:
            self._heard(*event)
        for process in self._crew.processes:
            process.watch()
        return True

    def _check_time(self) -> None:
        if self._stopped is not None:
            return
        until = self._asked.until
        if self._pause.is_set():
            self._stop("interrupted")
        elif until is not None and datetime.now(until.tzinfo) >= until:
            self._stop(f"{until:%H:%M} has come")

    def _stop(self, why: str) -> None:
        self._stopped = why
        for process in self._crew.processes:
            process.rest()
            if process.row is None:
                self._crew.end(process)

    def _look(self) -> None:
        """Now and then: is there room, has anybody died, is there anything new?"""
        now = time.monotonic()
        if now - self._looked < _LOOKED_AT:
            return
        self._looked = now
        if taken := self._table.bury():
            self._notify(f"{counted(taken, 'file')} of a process that has ended, taken over")
        self._room.look()
        if self._room.scarce:
            for process in self._crew.processes:
                if process.row is not None:
                    process.rest()
        if self._asked.watch and self._wanted.stale:
            self._look_for_files()

    def _look_for_files(self) -> None:
        """Bring the table up to what is there; a disk that is away for a while ends no night."""
        try:
            self._say(self._wanted.look(self._table))
            self._unseen = ""
        except InputError as error:
            if str(error) != self._unseen:
                self._unseen = str(error)
                self._notify(f"{error}; looked for again")

    def _say(self, lines: list[str]) -> None:
        for line in lines:
            self._notify(line)

    # Work

    def _hand_out(self, busy: int) -> bool:
        """Give work to who waits; return whether there is, or will be, any."""
        soonest = self._table.soonest()
        if self._room.lacking:
            if busy or soonest is None:
                return busy > 0 or self._asked.watch
            if self._room.hopeless:
                self._stop("there was no room (--free)")
            return self._stopped is None
        waiting = soonest is not None
        if waiting:
            self._crew.fill(busy + self._table.counts()[State.WAITING])
        for process in self._crew.processes:
            if self._crew.tired(process):
                self._crew.end(process, at_once=False)
            elif process.free:
                self._occupy(process)
        return waiting or self._asked.watch or self._held_by_others()

    def _held_by_others(self) -> bool:
        """Whether another batch works here: what it leaves may come back."""
        return self._table.counts()[State.RUNNING] > 0

    def _occupy(self, process: Process) -> None:
        if self._config.order == "shortest" and (row := self._unprobed()) is not None:
            process.probe(row)
            return
        row = self._table.claim(self._config.order)
        if row is None:
            return
        trouble = obstacle(row, self._asked, self._wanted.also, self._table)
        if trouble is not None:
            self._verdicts.failed(row, *trouble)
            return
        self._table.set_mine(row.number, ours=True)
        process.begin(row, self._job(row, process.device))

    def _log_of(self, row: Row) -> Path:
        name = row.output.with_name(f"{row.output.name}.jsonl")
        return self._asked.output / FOLDER / "logs" / name

    def _unprobed(self) -> Row | None:
        probing = {process.probing.number for process in self._crew.processes if process.probing}
        row = self._table.unprobed()
        return None if row is None or row.number in probing else row

    def _job(self, row: Row, device: str) -> dict[str, Any]:
        settings = {name: dict(options) for name, options in row.settings.items()}
        if settings["restore"]["device"] == "auto":
            settings["restore"]["device"] = device
        return {
            "source": os.fsencode(row.source).hex(),
            "folder": str(self._asked.output),
            "output": str(row.output),
            "settings": settings,
            "done": dict(row.done),
            "also": None if self._wanted.also is None else self._wanted.also.job(row.output),
            "log": str(self._log_of(row)) if self._asked.logs else None,
            "premis": self._asked.premis,
            "frame_hashes": self._asked.frame_hashes,
        }

    # What processes tell

    def _heard(self, process: Process, kind: str, payload: Any) -> None:
        row = process.row
        if kind == "ready":
            self._false_starts = 0
            self._crew.greeted(process, payload)
        elif kind == "length":
            assert process.probing is not None
            self._table.change(process.probing.number, length=payload or 0.0)
            process.probing = None
        elif kind == "ended":
            self._ended(process)
        elif row is None:
            pass
        elif kind == "step":
            process.stepped(payload)
            done, total, *_ = payload
            self._table.set_mine(row.number, frames_done=done, frames_total=total)
        elif process.condemned:
            self._died(process)
        else:
            process.row = None
            if kind == "done":
                self._verdicts.done(row, payload)
            elif kind == "stopped":
                self._verdicts.rests(row, payload)
            else:
                self._verdicts.failed(row, Reason(payload[0]), payload[1])

    def _died(self, process: Process) -> None:
        """A process has ended over a file, or must be."""
        row = process.row
        assert row is not None
        self._crew.end(process)
        self._verdicts.died(row, *process.why())

    def _ended(self, process: Process) -> None:
        """A process has ended by itself, or was killed."""
        ready = process.ready
        if process.row is not None:
            self._died(process)
            return
        if process.probing is not None:
            self._table.change(process.probing.number, length=1e9)
        why, complaint = process.why()[1], _last_line(process.complaints)
        self._crew.end(process)
        if ready or self._stopped is not None:
            return
        self._false_starts += 1
        if self._false_starts >= _FALSE_STARTS:
            raise OutputError(f"no process can be started to work in: {why}{complaint}")


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return f" ({lines[-1]})" if lines else ""
