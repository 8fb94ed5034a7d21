"""Manifests: hashes of files as ``sha256sum`` and its like write and check them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from vidrestore.errors import OutputError
from vidrestore.runtime.whole_file import whole_file


def line(digest: str, name: str | Path) -> bytes:
    """A line of a manifest; names that would break it are escaped, as GNU's coreutils do."""
    raw = os.fsencode(name)
    escaped = raw.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    mark = b"" if escaped == raw else b"\\"
    return mark + digest.encode() + b"  " + escaped + b"\n"


def write_manifest(target: Path, digests: Mapping[Path, str]) -> None:
    """Write a manifest, or remove the one that is there if it would hold nothing.

    Args:
        target: the file.
        digests: hexadecimal, by name: below the folder in which it is checked.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        if not digests:
            target.unlink(missing_ok=True)
            return
        with whole_file(target) as file:
            for name in sorted(digests):
                file.write(line(digests[name], name))
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror}") from error
