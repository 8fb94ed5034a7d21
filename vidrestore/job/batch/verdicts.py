"""What becomes of a file by what its process reported, or by how that ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from vidrestore.config import BatchConfig
from vidrestore.job.batch.outcome import Notify
from vidrestore.job.batch.records.row import Row, State, unwritten, warnings_of
from vidrestore.job.batch.records.table import Table
from vidrestore.job.batch.records.trouble import DEADLY, MAY_PASS, Reason, back_off
from vidrestore.text.wording import counted, of_file, spoken


class Verdicts:
    """Decides, notes it in the table, and tells.

    Args:
        table: of the folder of results.
        config: how often a file is tried, and when.
        notify: called with lines for the user.
        fewer: allows one process less from now on; gives how many there are then, None if it
            was the last one.
    """

    def __init__(
        self, table: Table, config: BatchConfig, notify: Notify, fewer: Callable[[], int | None]
    ) -> None:
        self._table, self._config, self._notify, self._fewer = table, config, notify, fewer

    def done(self, row: Row, facts: Mapping[str, Any]) -> None:
        """Its result is there."""
        now, lacking = time.time(), unwritten(facts)
        if self._table.set_mine(
            row.number,
            state=State.DONE,
            owner=None,
            ended=now,
            done=facts,
            error=lacking,
            reason=None,
            why=None,
            length=facts.get("duration"),
            frames_done=facts.get("frames", 0),
            frames_total=facts.get("frames", 0),
        ):
            faces = counted(facts.get("faces", 0), "face")
            warned = warnings_of(facts)
            more = f"; {counted(warned, 'warning')}" if warned else ""
            self._notify(
                f"{row.output}: {counted(facts.get('frames', 0), 'frame')}, {faces}, "
                f"{spoken(facts.get('seconds', 0.0))}{more}"
            )
            if lacking is not None:
                self._notify(f"{row.output} is finished and whole, but has {lacking}")

    def rests(self, row: Row, notes: str) -> None:
        """It was stopped between two segments."""
        self._table.set_mine(row.number, state=State.WAITING, owner=None)
        self._notify(f"{row.source}: {notes or 'begins anew next time'}")

    def failed(self, row: Row, reason: Reason, text: str) -> None:
        """It failed: it is tried again where that may pass."""
        if reason not in MAY_PASS:
            self._fail(row, reason, text)
            return
        if reason == Reason.SHORT and (left := self._fewer()) is not None:
            self._notify(f"memory is short: {left} at work from now on")
        attempts = row.attempts + 1
        if attempts >= self._config.tries:
            self._fail(row, reason, text, attempts=attempts)
            return
        wait = back_off(attempts, self._config.pause)
        self._table.set_mine(
            row.number,
            state=State.WAITING,
            owner=None,
            attempts=attempts,
            error=text,
            reason=reason,
            ready=time.time() + wait,
        )
        self._notify(f"{of_file(row.source, text)}; tried again in {spoken(wait)}")

    def _fail(self, row: Row, reason: Reason, text: str, attempts: int | None = None) -> None:
        self._table.set_mine(
            row.number,
            state=State.FAILED,
            owner=None,
            error=text,
            reason=reason,
            ended=time.time(),
            attempts=row.attempts if attempts is None else attempts,
        )
        self._notify(f"FAILED {of_file(row.source, text)}")

    def died(self, row: Row, reason: Reason, text: str) -> None:
        """It has ended its process: once, and it is tried alone; twice, and it is set aside."""
        assert reason in DEADLY, reason
        deaths = row.deaths + 1
        about = {"owner": None, "deaths": deaths, "error": text, "reason": reason}
        if deaths == 1:
            self._table.set_mine(row.number, state=State.WAITING, alone=True, **about)
            self._notify(f"{row.source}: {text}; tried once more, alone")
        else:
            self._table.set_mine(row.number, state=State.ASIDE, ended=time.time(), **about)
            _tidy(self._table.output / row.output)
            self._notify(f"SET ASIDE {row.source}: {text}, also when it was tried alone")


def _tidy(output: Path) -> None:
    """Remove what a killed process had in the making; finished segments stay for another try."""
    # A run can do without PyAV, as long as nothing dies.
    from vidrestore.video.outputs.outfile import remove_unfinished  # noqa: PLC0415

    remove_unfinished(output)
