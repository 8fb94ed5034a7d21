"""Every error this package raises on purpose.

::

    VidrestoreError                  anything below; its text is one line for the user
    |-- InputError                   the source cannot be used (missing, not a video, damaged, ...)
    |-- OutputError                  the result cannot be written (exists, no space, no codec, ...)
    |-- ConfigError                  an option is unknown, out of range, or does not fit another
    |-- ModelError                   a weight file is missing, refused, or not what it claims
    `-- DeviceError                  the device asked for is not there or ran out of memory

A message says what is wrong, where, and what to do. The command line prints it and exits with 2;
an exception of any other type is a bug and keeps its traceback. ``Interrupted`` stands apart: a job
that was stopped from outside is no error.
"""

from __future__ import annotations


class VidrestoreError(Exception):
    """A problem of the user's making, told in one line."""


class InputError(VidrestoreError):
    """The source cannot be read or is not what the job needs."""


class OutputError(VidrestoreError):
    """The result cannot be written."""


class ConfigError(VidrestoreError):
    """An option is unknown, out of range, or contradicts another."""


class ModelError(VidrestoreError):
    """A weight file is missing, refused, or not what it claims to be."""


class DeviceError(VidrestoreError):
    """The device asked for is missing or cannot do the work."""


class Interrupted(Exception):  # noqa: N818 - it is not an error
    """The run was stopped from outside before it was complete."""
