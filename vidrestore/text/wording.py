"""Times, sizes and counts, as a user writes and reads them."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from fractions import Fraction
from typing import TypeAlias

from vidrestore.errors import ConfigError

Time: TypeAlias = str | int | float | Fraction | timedelta
"""A time or a length as a program gives it: seconds, "1:30.5", or a timedelta."""

_MOST_JOBS = 256
_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)", re.ASCII)


def parse_time(text: str, option: str) -> Fraction:
    """Seconds, exactly, of "90", "90.5", "1:30.5" or "00:01:30.500".

    Args:
        text: seconds, mm:ss or hh:mm:ss, the last part with any number of decimals; 0 or later.
        option: the flag it was given to, for the error.

    Raises:
        ConfigError: for any other text.
    """
    match = _TIME.fullmatch(text.strip())
    if match is not None:
        hours, minutes, seconds = (Fraction(part or "0") for part in match.groups())
        in_range = (match[2] is None or seconds < 60) and (match[1] is None or minutes < 60)
        if in_range:
            return hours * 3600 + minutes * 60 + seconds
    raise ConfigError(
        f"{option} {text!r} is not a time; write seconds, mm:ss or hh:mm:ss, such as 90.5, 1:30.5 "
        "or 00:01:30.500"
    )


def as_seconds(value: Time | None, name: str) -> Fraction | None:
    """Seconds, exactly, of a time as a program gives it.

    Args:
        value: seconds, text as ``parse_time`` takes it, or a ``timedelta``; None stays None.
        name: the argument it was given to, for the error.

    Raises:
        ConfigError: it is no time, or one before 0.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return parse_time(value, name)
    seconds: object = value
    if isinstance(value, timedelta):
        seconds = Fraction(value // timedelta(microseconds=1), 1_000_000)
    # True and False are numbers to Python, and slips to whoever gives them.
    if (
        isinstance(seconds, int | float | Fraction)
        and not isinstance(seconds, bool)
        and math.isfinite(seconds)
        and seconds >= 0
    ):
        return Fraction(seconds)
    raise ConfigError(
        f"{name} {value!r} is not a time from 0 on; give seconds, text such as 1:30.5, or a "
        "timedelta"
    )


def parse_jobs(text: str) -> int:
    """Processes, of "auto" (0) or a whole number from 1 to 256.

    Raises:
        ConfigError: for any other text.
    """
    if text == "auto":
        return 0
    if text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST_JOBS:
        return int(text)
    raise ConfigError(f"--jobs {text!r} is none; write auto, or a number from 1 to {_MOST_JOBS}")


def check_jobs(jobs: object) -> None:
    """Refuse what is no number of processes as a program gives it.

    Raises:
        ConfigError: it is none.
    """
    if not isinstance(jobs, int) or isinstance(jobs, bool) or not 0 <= jobs <= _MOST_JOBS:
        raise ConfigError(
            f"jobs is {jobs!r}, but must be a number from 1 to {_MOST_JOBS}, or 0: as many as pay"
        )


def spoken(seconds: float) -> str:
    """A length of time at a glance: "0.4 s", "42 s", "3 min 05 s", "2 h 14 min"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def clock(seconds: float) -> str:
    """A moment of a video: "0:01:30.500"."""
    thousandths = round(abs(seconds) * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    sign = "-" if seconds < 0 and thousandths else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def counted(count: int, noun: str) -> str:
    """A number of things: "1 face", "2 faces"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def of_file(name: object, text: str) -> str:
    """What is said of a file, under its name unless that is in it already."""
    return text if str(name) in text else f"{name}: {text}"


def size(count: float) -> str:
    """Bytes at a glance: "812 B", "3.4 MB"; steps of 1000, as disks are sold."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 999.5 or unit == "TB":
            return f"{count:.0f} {unit}" if unit == "B" or count >= 99.5 else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError("the loop always returns")
