"""One process of a batch, as the one that leads it sees it."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

import psutil

from vidrestore.config import BatchConfig
from vidrestore.job.batch.records.row import Row
from vidrestore.job.batch.records.trouble import WORDS, Reason, verdict
from vidrestore.runtime import child_process

_GRACE: Final = 10.0  # seconds that a process which is asked to stop may take
_CARRIED: Final = 1 << 20  # bytes read and written by which who tells nothing is known to work
_STARTING: Final = 600.0  # seconds that loading all libraries may take

Event = tuple["Process", str, Any]


class Process:
    """A process that serves file after file, and the thread that listens to it.

    Args:
        command: what runs it.
        hello: its first message.
        events: where what it tells goes, as (process, kind, what); kind "ended" is the last.
        complaints: the file that its stderr goes to.
        config: how long it may be silent, and how much it may hold.

    Attributes:
        row: the file that it is at; None where it waits.
        probing: a file whose length it is asked for.
        device: where it computes.
        served: how many files it has had.
        ready: whether it has answered.
    """

    def __init__(
        self,
        command: Sequence[str],
        hello: dict[str, Any],
        events: SimpleQueue[Event],
        complaints: Path,
        config: BatchConfig,
    ) -> None:
        self.row: Row | None = None
        self.probing: Row | None = None
        self.device = "auto"
        self.served, self.ready = 0, False
        self._config, self._events = config, events
        self.complaints = complaints
        self._moved = time.monotonic()
        self._frames: object = None
        self._asked: float | None = None
        self._carried = 0
        self._killed: Reason | None = None
        with complaints.open("wb") as stderr:
            self._popen = subprocess.Popen(  # noqa: S603 - this program
                [*command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=child_process.environment(),
                # Ctrl-C in a terminal is for the program, which tells this process.
                start_new_session=True,
            )
        self._thread = threading.Thread(target=self._listen, name="vidrestore-batch", daemon=True)
        self._thread.start()
        self._send("hello", hello)

    @property
    def free(self) -> bool:
        """Whether it waits for work."""
        return self.ready and self.row is None and self.probing is None and self._asked is None

    def begin(self, row: Row, job: dict[str, Any]) -> None:
        """Have a file restored."""
        self.row, self.served = row, self.served + 1
        self._frames = None
        self._move()
        self._send("job", job)

    def probe(self, row: Row) -> None:
        """Ask how long a file is."""
        self.probing = row
        self._move()
        self._send("probe", str(row.source))

    def stepped(self, frames: list[int | None]) -> None:
        """It has reported how far it is."""
        if frames != self._frames:
            self._frames = frames
            self._move()

    def rest(self) -> None:
        """Have it stop at the end of the segment under way."""
        self._send("stop", "segment")

    def watch(self) -> None:
        """End it if it hangs, or holds too much: it is asked to stop first, then killed."""
        now = time.monotonic()
        at_work = self.row is not None or self.probing is not None
        patience = self._config.patience if self.ready else _STARTING
        if self._asked is not None:
            if now - self._asked > min(_GRACE, self._config.patience):
                self._popen.kill()
        elif (at_work or not self.ready) and now - self._moved > patience and not self._reads():
            self._stop(Reason.HUNG, now)
        elif self._resident() > self._most():
            self._killed = Reason.GREEDY
            self._popen.kill()
            self._asked = now

    def _reads(self) -> bool:
        """Whether it has read or written since it was last asked, as who muxes or hashes does."""
        if self._bytes() - self._carried < _CARRIED:
            return False
        self._move()
        return True

    def _move(self) -> None:
        self._moved, self._carried = time.monotonic(), self._bytes()

    def _bytes(self) -> int:
        """What it has read and written so far; always 0 where the system does not say."""
        try:
            counters = psutil.Process(self._popen.pid).io_counters()
        except (psutil.Error, AttributeError):
            return 0
        return int(getattr(counters, "read_chars", 0) + getattr(counters, "write_chars", 0))

    def _stop(self, reason: Reason, now: float) -> None:
        self._killed, self._asked = reason, now
        self._send("stop", "now")

    def _most(self) -> float:
        if self._config.memory:
            return self._config.memory * 1e9
        return float(psutil.virtual_memory().total) * 0.9

    def _resident(self) -> int:
        try:
            return int(psutil.Process(self._popen.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def why(self) -> tuple[Reason, str]:
        """Why it ended, and what it complained about last."""
        reason, text = verdict(self._popen.wait())
        if self._killed is not None:
            memory = self._most() / 1e9
            reason = self._killed
            text = WORDS[reason].format(patience=self._config.patience, memory=memory)
        return reason, text

    @property
    def condemned(self) -> bool:
        """Whether it was asked to end, and may not have more work."""
        return self._asked is not None

    def _send(self, kind: str, payload: Any) -> None:
        assert self._popen.stdin is not None
        # If the process has ended, who listens to it will tell.
        with suppress(OSError, ValueError):
            self._popen.stdin.write(json.dumps({kind: payload}).encode() + b"\n")
            self._popen.stdin.flush()

    def _listen(self) -> None:
        assert self._popen.stdout is not None
        with suppress(ValueError):  # it was killed within a line
            for line in self._popen.stdout:
                [(kind, payload)] = json.loads(line).items()
                self._events.put((self, kind, payload))
        self._events.put((self, "ended", None))

    def end(self, *, at_once: bool = True) -> None:
        """End it: whatever it is at, or where it waits."""
        for stream in (self._popen.stdin,):
            assert stream is not None
            with suppress(OSError):
                stream.close()
        if at_once:
            self._popen.kill()
        self._popen.wait()
        self._thread.join()
        assert self._popen.stdout is not None
        self._popen.stdout.close()
        self.complaints.unlink(missing_ok=True)
