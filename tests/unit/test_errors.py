from __future__ import annotations

import errno
import inspect

import pytest

from vidrestore import errors
from vidrestore.errors import ExitCode, OutputError, VidrestoreError, exit_code


def test_every_error_carries_the_code_that_the_tree_shows():
    drawn = {}
    for line in (errors.__doc__ or "").splitlines():
        words = line.strip(" |`-").split()
        if len(words) > 1 and words[1].isdecimal():
            drawn[words[0]] = int(words[1])
    found = {
        name: int(kind.exit_code)
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, VidrestoreError)
    }
    assert found == drawn


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), ExitCode.MAY_PASS),
        (OSError(errno.EMFILE, "Too many open files"), ExitCode.MAY_PASS),
        (MemoryError(), ExitCode.MAY_PASS),
        (OSError(errno.EACCES, "Permission denied"), ExitCode.UNUSABLE),
        (ValueError(), ExitCode.UNUSABLE),
    ],
)
def test_what_may_pass_is_known_by_its_cause(cause, code):
    error = OutputError("cannot write out.mkv")
    assert exit_code(error) is ExitCode.UNUSABLE
    error.__cause__ = cause
    assert exit_code(error) is code
    outer = OutputError("outer")
    outer.__cause__ = error
    assert exit_code(outer) is code
