"""Ctrl-C, SIGTERM and a closed terminal end a job cleanly instead of killing it half-way.

A library may be at work for seconds without Python getting a turn, so that the answer to a signal
comes from a thread that the system wakes.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from vidrestore.cli.display.output import complain
from vidrestore.errors import ExitCode

# A second signal is obeyed within a second, whatever is at work.
_PATIENCE_SECONDS = 0.8
_WORD_SECONDS = 0.2
# SIGXCPU comes once a second from the limit of processor time on.
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK", "SIGXCPU")
_REPEATING = frozenset(("SIGXCPU",))
_WHY = {"SIGXCPU": "the limit of processor time is reached; ", "SIGHUP": "the terminal closed; "}


class StopEvent(threading.Event):
    """Set when the job is to stop."""

    def __init__(self) -> None:
        super().__init__()
        self.is_loading = False

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Nothing is at stake in the block: a signal ends the process there and then."""
        self.is_loading = True
        try:
            yield
        finally:
            self.is_loading = False


@contextmanager
def stop_on_signals(word: str = "stopping") -> Iterator[StopEvent]:
    """An event that Ctrl-C (SIGINT), SIGTERM, SIGHUP and SIGXCPU set while the block runs.

    The first signal is answered at once. A second one raises KeyboardInterrupt, for who does not
    want to wait, and ends the process where that does not help within a second. Outside the main
    thread, where Python allows no handlers, the event is never set. Signals that are ignored when
    the block begins, as nohup has SIGHUP, stay so.

    Args:
        word: what the first signal is answered with.
    """
    if threading.current_thread() is not threading.main_thread():
        yield StopEvent()
        return
    signals = _Signals(word)
    try:
        yield signals.event
    finally:
        signals.close()


class _Signals:
    """Handlers for the time of a job, and the thread that answers."""

    def __init__(self, word: str) -> None:
        self.event = StopEvent()
        self._word = word
        self._handled = 0
        self._asked = 0
        self._over = threading.Event()
        found = {name: getattr(signal, name) for name in _NAMES if hasattr(signal, name)}
        self._numbers = {
            int(number): name
            for name, number in found.items()
            if signal.getsignal(number) is not signal.SIG_IGN
        }
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._wakes = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, self._handle) for number in self._numbers}
        self._thread = threading.Thread(target=self._answer, name="vidrestore-signals", daemon=True)
        self._thread.start()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        """Called by Python in the main thread, when it gets a turn."""
        del frame
        if self._handled and self._numbers[number] not in _REPEATING:
            raise KeyboardInterrupt
        self._handled += 1

    def _answer(self) -> None:
        """Called for every signal as it comes."""
        while woken := os.read(self._reader, 1):
            name = self._numbers.get(woken[0])
            if name is None or (name in _REPEATING and self._asked):
                continue
            self._asked += 1
            if self.event.is_loading:
                _say("interrupted")
                os._exit(ExitCode.INTERRUPTED)
            if self._asked == 1:
                _say(f"{_WHY.get(name, '')}{self._word}")
                self.event.set()
            elif not self._over.wait(_PATIENCE_SECONDS):
                _say("interrupted")
                os._exit(ExitCode.INTERRUPTED)

    def close(self) -> None:
        """Put everything back as it was."""
        self._over.set()
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakes)
        os.close(self._writer)
        self._thread.join()
        os.close(self._reader)


def _say(text: str) -> None:
    """Complain, but wait for no terminal or reader that has stopped reading."""
    speaker = threading.Thread(target=complain, args=(text,), name="vidrestore-words", daemon=True)
    speaker.start()
    speaker.join(_WORD_SECONDS)
