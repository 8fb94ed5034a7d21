"""Words to the user: results on stdout, complaints on stderr."""

from __future__ import annotations

import os
import sys


def tell(text: str) -> None:
    """Write a result, which ends in a newline, to stdout.

    Names of files that are not valid text are shown with escapes. A reader that has gone, such as
    ``head``, is no error.
    """
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes stdout once more when it ends; let that go nowhere, too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text: str) -> None:
    """Write one line, under the program's name, to stderr."""
    line = " ".join(text.split())
    sys.stderr.write(f"vidrestore: {line}\n")
    sys.stderr.flush()
