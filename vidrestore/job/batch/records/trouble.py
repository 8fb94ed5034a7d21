"""What becomes of a file that failed: tried again, tried alone, or left."""

from __future__ import annotations

import signal
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """Why a file failed, as a word that can be counted."""

    PASSING = "may pass"
    FULL = "disk full"
    SHORT = "too little memory"
    HELD = "held by another run"
    REFUSED = "refused"
    SETTINGS = "options"
    EXISTS = "result exists"
    BUG = "bug"
    CRASH = "crash"
    KILLED = "killed"
    HUNG = "no progress"
    GREEDY = "memory limit"
    LONG = "processor limit"


MAY_PASS: Final = frozenset((Reason.PASSING, Reason.FULL, Reason.SHORT, Reason.HELD))
"""What is tried again after a while."""
NEXT_TIME: Final = MAY_PASS | {Reason.SETTINGS, Reason.EXISTS}
"""What the next run tries again by itself."""
DEADLY: Final = frozenset((Reason.CRASH, Reason.KILLED, Reason.HUNG, Reason.GREEDY, Reason.LONG))
"""What ends the process: such a file is tried once more, alone, then set aside."""

WORDS: Final = {
    Reason.HUNG: "no frame was finished for {patience:.0f} s (--patience); its process was ended",
    Reason.GREEDY: "its process held more memory than {memory:.1f} GB (--memory)",
    Reason.LONG: "it took more of the processor's time than allowed (--processor)",
    Reason.KILLED: "its process was killed, as systems do that lack memory",
}


def verdict(code: int) -> tuple[Reason, str]:
    """Why a process ended without a word, by its exit code.

    Args:
        code: as ``subprocess`` tells it, below 0 for a signal.
    """
    if code >= 0:
        return Reason.CRASH, f"its process ended with code {code}, without a word"
    name = signal.Signals(-code).name
    if name == "SIGKILL":
        return Reason.KILLED, WORDS[Reason.KILLED]
    if name == "SIGXCPU":
        return Reason.LONG, WORDS[Reason.LONG]
    return Reason.CRASH, f"its process crashed ({name})"


def back_off(attempt: int, pause: float) -> float:
    """Seconds until a file is tried again.

    Args:
        attempt: how many tries it has had, from 1.
        pause: after the first one.
    """
    return pause * 2.0 ** (min(attempt, 12) - 1)
