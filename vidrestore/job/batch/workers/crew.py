"""The processes of a batch: begun, replaced and ended; who serves them is ``running``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from vidrestore.config import BatchConfig, Config
from vidrestore.job.batch.records.schema import FOLDER
from vidrestore.job.batch.workers.process import Event, Process
from vidrestore.runtime import child_process

COMPLAINTS: Final = "worker-"
"""How files begin that processes complain to, followed by who leads them."""
WORKER: Final = child_process.command("vidrestore.job.batch.workers.worker")


class Crew:
    """As many processes as pay, each with a place and a device of its own.

    Args:
        command: what runs one.
        config: how the work goes.
        options: by which the first process says how many pay.
        output: the folder of results.
        owner: who leads them, by which their files are known.
    """

    def __init__(
        self,
        command: Sequence[str],
        config: BatchConfig,
        options: Config,
        output: Path,
        owner: str,
    ) -> None:
        self._owner = owner
        self._command, self._config, self._options = command, config, options
        self._folder = output / FOLDER
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._places: dict[Process, int] = {}
        self._devices: list[str] | None = None
        self.most = 1
        self._spent = 0

    @property
    def processes(self) -> list[Process]:
        """All that there are."""
        return list(self._places)

    def fill(self, wanted: int) -> None:
        """Have as many processes as there is work for, and as are allowed."""
        for place in range(min(wanted, self.most)):
            if place not in self._places.values():
                self._start(place)

    def _start(self, place: int) -> None:
        hello = {
            "jobs": self._config.jobs if self._devices is None else None,
            "settings": self._options.model_dump(mode="json"),
            "nice": self._config.nice,
            "written": self._config.written,
            "processor": self._config.processor,
        }
        self._spent += 1
        complaints = self._folder / f"{COMPLAINTS}{self._owner}-{self._spent}.txt"
        process = Process(self._command, hello, self._events, complaints, self._config)
        self._places[process] = place

    def greeted(self, process: Process, devices: list[str] | None) -> None:
        """A process is ready; the first one tells how many there are to be."""
        if devices is not None:
            self._devices, self.most = devices, len(devices)
        process.ready = True
        if self._devices is not None:
            process.device = self._devices[self._places[process] % len(self._devices)]

    def fewer(self) -> int | None:
        """Allow one process less from now on; give how many there are, None if it was the last."""
        if self.most == 1:
            return None
        self.most -= 1
        return self.most

    def tired(self, process: Process) -> bool:
        """Whether a process that waits is to go: it has served enough, or there are too many."""
        return process.free and (
            process.served >= self._config.renew or self._places[process] >= self.most
        )

    def end(self, process: Process, *, at_once: bool = True) -> None:
        """End a process."""
        self._places.pop(process, None)
        process.end(at_once=at_once)

    def next(self, seconds: float) -> Event | None:
        """What a process says next; None if none does for a while."""
        try:
            event: tuple[Process, str, Any] = self._events.get(timeout=seconds)
        except Empty:
            return None
        return event if event[0] in self._places else None

    def close(self) -> None:
        """End all, whatever they are at; safe to call twice."""
        for process in self.processes:
            self.end(process)
