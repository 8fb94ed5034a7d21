"""Every error this package raises on purpose, and the exit code that each ends a command with.

::

    VidrestoreError            2     anything below; its text is one line for the user
    |-- InputError             2     the source cannot be used (missing, not a video, damaged, ...)
    |-- OutputError            2     the result cannot be written (exists, no folder, no codec, ...)
    |   |-- OutputHeldError    4     another run is writing it
    |   |-- OtherPartsError    2     parts of another job lie where its own would
    |   `-- ReportUnwritten    4     the result is there, but its report could not be written
    |-- ConfigError            2     an option is unknown, out of range, or does not fit another
    |-- ModelError             2     a weight file is missing, refused, or not what it claims
    |-- DeviceError            2     the device asked for is not there or cannot do the work
    |   `-- DeviceFullError    4     the device has too little memory just now
    `-- NoMemoryError          4     this computer has too little memory just now

2 asks for another call or another file. 4 is what may pass: the same call may work later; any of
these errors has it whose cause is a full disk, a lack of memory or of handles (``exit_code``). A
message says what is wrong, where, and what to do; the command line prints it. 3 is for commands of
several files of which some failed. An exception of any other type is a bug and keeps its traceback.
``Interrupted`` (130) stands apart: a job that was stopped from outside is no error.
"""

from __future__ import annotations

import errno
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What a script is told when a command ends."""

    DONE = 0
    UNUSABLE = 2
    SOME_FAILED = 3
    MAY_PASS = 4
    INTERRUPTED = 130


_PASSING = frozenset(
    number
    for name in ("ENOSPC", "EDQUOT", "ENOMEM", "EMFILE", "ENFILE", "EBUSY", "EAGAIN", "ETXTBSY")
    if (number := getattr(errno, name, None)) is not None
)


class VidrestoreError(Exception):
    """A problem reported in one line, of the user's making or of the moment."""

    exit_code: ClassVar[ExitCode] = ExitCode.UNUSABLE


class InputError(VidrestoreError):
    """The source cannot be read or is not what the job needs."""


class OutputError(VidrestoreError):
    """The result cannot be written."""


class OutputHeldError(OutputError):
    """Another run is writing the result."""

    exit_code = ExitCode.MAY_PASS


class OtherPartsError(OutputError):
    """Finished parts of a job with other options, or of another source, lie where its own would."""


class ReportUnwritten(OutputError):  # noqa: N818 - the job itself succeeded
    """The result is whole and in its place, but the report of it could not be written."""

    exit_code = ExitCode.MAY_PASS


class ConfigError(VidrestoreError):
    """An option is unknown, out of range, or contradicts another."""


class ModelError(VidrestoreError):
    """A weight file is missing, refused, or not what it claims to be."""


class DeviceError(VidrestoreError):
    """The device asked for is missing or cannot do the work."""


class DeviceFullError(DeviceError):
    """The device has too little memory just now."""

    exit_code = ExitCode.MAY_PASS


class NoMemoryError(VidrestoreError):
    """This computer has too little memory just now."""

    exit_code = ExitCode.MAY_PASS


class Interrupted(Exception):  # noqa: N818 - it is not an error
    """The run was stopped from outside before it was complete."""


def exit_code(error: VidrestoreError) -> ExitCode:
    """The error's own code, or that of what may pass if a full disk or the like is behind it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError) or (
            isinstance(cause, OSError) and cause.errno in _PASSING
        ):
            return ExitCode.MAY_PASS
        cause = cause.__cause__
    return error.exit_code
