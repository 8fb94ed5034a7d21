"""WebP, of whose animations FFmpeg decodes nothing."""

from __future__ import annotations

from pathlib import Path


def is_animated(path: str | Path) -> bool:
    """Whether a file is an animation, by its header's flag (RFC 9649, section 2.7)."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(21)
    except OSError:
        return False
    return head[8:16] == b"WEBPVP8X" and len(head) == 21 and bool(head[20] & 2)
