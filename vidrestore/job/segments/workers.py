"""Processes that share the segments of a job, as the one that leads them sees them."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from vidrestore import errors
from vidrestore.errors import DeviceFullError, Interrupted, NoMemoryError, VidrestoreError
from vidrestore.job.segments.crew import OnStep, Step
from vidrestore.job.segments.journal import Written
from vidrestore.job.segments.plan import Plan
from vidrestore.runtime import child_process
from vidrestore.video import Segment

_log = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
_ENDING_SECONDS = 10.0  # that a process may take to end which says no more
# A segment whose process dies is tried so often in all: memory may have been short for a moment.
_TRIES = 2
_SHORT = (NoMemoryError, DeviceFullError)
_ERRORS = {
    kind.__name__: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, VidrestoreError)
}


class Workers:
    """Several processes, each with networks of its own; implements ``Crew``.

    They end with this object, or with this process, however that ends.

    Args:
        plan: of the job.
        folder: where parts go.
        output: the result's name.
        devices: of each process, where its network runs.
        stop: set it from anywhere to end early.
    """

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        output: Path,
        devices: Sequence[str],
        *,
        stop: threading.Event | None,
    ) -> None:
        self._hello = {"plan": plan.as_dict(), "folder": str(folder), "output": str(output)}
        self._devices, self._stop = devices, stop
        self._events: SimpleQueue[_Event] = SimpleQueue()
        self._processes: list[_Process] = []

    def restore(self, segments: Sequence[Segment], on_step: OnStep) -> Iterator[Written]:
        """As they come."""
        waiting, tries = deque(segments), dict.fromkeys((s.number for s in segments), 0)
        idle = [self._started(device) for device in self._devices[: len(segments)]]
        left = len(segments)
        while left:
            while waiting and idle:
                segment = waiting.popleft()
                tries[segment.number] += 1
                idle.pop().begin(segment)
            event = self._next()
            if event.step is not None:
                on_step(event.step)
            elif event.written is not None:
                left -= 1
                event.process.segment = None
                idle.append(event.process)
                yield event.written
            elif event.error is not None and not isinstance(event.error, _SHORT):
                raise event.error
            else:
                lost, was_at = event.process, event.process.segment
                short = event.error is not None or lost.killed()
                self._processes.remove(lost)
                lost.end()
                if was_at is None:  # it had nothing to do
                    idle.remove(lost)
                else:
                    waiting.appendleft(was_at)
                if short and self._processes:
                    # Those that are left have more, and the segment has not shown what it takes.
                    _log.warning("memory is short: %d at work from now on", len(self._processes))
                    if was_at is not None:
                        tries[was_at.number] = 0
                elif was_at is not None and tries[was_at.number] == _TRIES:
                    raise event.error or lost.died(was_at)
                else:
                    idle.append(self._started(lost.device))

    def _started(self, device: str) -> _Process:
        process = _Process({**self._hello, "device": device}, self._events)
        self._processes.append(process)
        return process

    def _next(self) -> _Event:
        while True:
            if self._stop is not None and self._stop.is_set():
                raise Interrupted("stopped before the end")
            with suppress(Empty):
                event = self._events.get(timeout=_POLL_SECONDS)
                if event.process in self._processes:
                    return event

    def close(self) -> None:
        """End all processes; safe to call twice."""
        while self._processes:
            self._processes.pop().end()


class _Event:
    """A message of a process; empty if it has died."""

    def __init__(self, process: _Process, message: dict[str, Any]) -> None:
        self.process = process
        self.step = Step(*message["step"]) if "step" in message else None
        self.written = Written(*message["written"]) if "written" in message else None
        self.error: VidrestoreError | None = None
        if "error" in message:
            self.error = _ERRORS.get(message["error"], VidrestoreError)(message["text"])


class _Process:
    """One process, and the thread that listens to it.

    Attributes:
        device: where its network runs.
        segment: what it is at; None where it waits.
    """

    def __init__(self, hello: dict[str, Any], events: SimpleQueue[_Event]) -> None:
        self.device = str(hello["device"])
        self.segment: Segment | None = None
        self._process = subprocess.Popen(  # noqa: S603 - this program
            child_process.command("vidrestore.job.segments.worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=child_process.environment(),
            # Ctrl-C in a terminal is for the program, which ends this process.
            start_new_session=True,
        )
        self._events = events
        self._hello, self._greeted = hello, threading.Event()
        self._thread = threading.Thread(target=self._listen, name="vidrestore-worker", daemon=True)
        self._thread.start()

    def begin(self, segment: Segment) -> None:
        """Have a segment restored."""
        self.segment = segment
        self._greeted.wait()
        self._send({"segment": segment.number})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        # If the process has ended, who listens to it will tell.
        with suppress(OSError):
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        # Of a long video it is more than a pipe holds, and none reads before it has loaded torch.
        self._send(self._hello)
        self._greeted.set()
        with suppress(ValueError):  # it was killed within a line
            for line in self._process.stdout:
                self._events.put(_Event(self, json.loads(line)))
        self._events.put(_Event(self, {}))

    def killed(self) -> bool:
        """Whether it has ended as systems end what takes too much memory."""
        try:
            return self._process.wait(_ENDING_SECONDS) == -getattr(signal, "SIGKILL", 0)
        except subprocess.TimeoutExpired:
            return False

    def died(self, segment: Segment) -> VidrestoreError:
        """Why it ended without a word, at a segment."""
        code = self._process.wait()
        if self.killed():
            return NoMemoryError(
                f"a process was killed twice at segment {segment.number + 1}, as systems do "
                "that lack memory; use fewer jobs, or close other programs"
            )
        why = f"with {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
        return VidrestoreError(
            f"a process ended {why} twice at segment {segment.number + 1}; run with jobs=1 "
            "to see why"
        )

    def end(self) -> None:
        """End it, whatever it is at."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with suppress(OSError):  # what was held for it goes nowhere
                stream.close()
