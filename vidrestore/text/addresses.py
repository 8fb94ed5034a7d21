"""Names that are addresses of the network, which nothing here ever opens."""

from __future__ import annotations

import re

# Two slashes and two letters at least: "C:\\film.mkv" and "a:b.mkv" are files.
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.ASCII | re.IGNORECASE)


def is_address(name: str) -> bool:
    """Whether a name is that of something on the network: "https://...", "rtsp://..."."""
    return _ADDRESS.match(name) is not None
