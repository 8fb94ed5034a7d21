"""Work that may take long inside libraries, and a caller who may be asked to stop meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from vidrestore.errors import Interrupted

T = TypeVar("T")

# How long a Ctrl-C may go unnoticed.
_POLL_SECONDS = 0.1
_NAME = "vidrestore-left-behind"


def stoppable(
    work: Callable[[], T],
    stop: threading.Event | None,
    *,
    discard: Callable[[T], None] | None = None,
    grace: float = 0.0,
) -> T:
    """Call ``work`` in a thread of its own, and leave it behind when the job is to stop.

    Args:
        work: what may take long.
        stop: set it from anywhere to give up waiting; None calls ``work`` here.
        discard: takes the result of work that was left behind.
        grace: seconds that work is waited for once it is to stop, for what must be tidied up.

    Raises:
        Interrupted: ``stop`` was set.
        Exception: what ``work`` raised.
    """
    if stop is None:
        return work()
    call = _Call(work, discard)
    if not stop.is_set():
        call.start()
        while not call.over.wait(_POLL_SECONDS):
            if stop.is_set():
                call.over.wait(grace)
                break
    if stop.is_set():
        call.leave()
        raise Interrupted("stopped before the end")
    return call.outcome()


def leave_behind(thread: threading.Thread) -> None:
    """Mark a daemon thread that is not waited for any more."""
    thread.name = _NAME


def left_behind() -> bool:
    """Whether work that was left behind still goes on; the process cannot end in the usual way."""
    return any(thread.name == _NAME for thread in threading.enumerate())


class _Call(Generic[T]):
    """One call in a thread; whoever comes last, the caller or the thread, discards its result."""

    def __init__(self, work: Callable[[], T], discard: Callable[[T], None] | None) -> None:
        self.over = threading.Event()
        self._work, self._discard = work, discard
        self._lock = threading.Lock()
        self._left = False
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="vidrestore-waiting", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # carried to the caller's thread, never lost
            self._error = error
        with self._lock:
            self.over.set()
            if self._left:
                self._tidy()

    def leave(self) -> None:
        with self._lock:
            self._left = True
            leave_behind(self._thread)
            if self.over.is_set():
                self._tidy()

    def _tidy(self) -> None:
        while self._results:
            result = self._results.pop()
            if self._discard is not None:
                self._discard(result)

    def outcome(self) -> T:
        if self._error is not None:
            raise self._error
        return self._results.pop()
