"""Files whose bytes are known in advance: read only if they are these."""

from __future__ import annotations

import hashlib
from pathlib import Path

from vidrestore.errors import ModelError


def read_pinned(path: Path, sha256: str, remedy: str) -> bytes:
    """A file's bytes, once they are proven to be the expected ones.

    Args:
        path: of the file.
        sha256: hexadecimal digest of the expected bytes.
        remedy: what to do where they are not, for the end of the error's line.

    Raises:
        ModelError: the file is missing, unreadable, or has another digest.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read {path} ({error.strerror}): {remedy}") from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ModelError(
            f"{path} is not the file this version was tested with (SHA-256 {found[:12]}..., "
            f"expected {sha256[:12]}...): {remedy}"
        )
    return content
