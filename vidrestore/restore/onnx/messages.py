"""Messages between the program and the process of a graph: a line of JSON, and bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

_LONGEST_LINE = 1 << 16


def send(stream: IO[bytes], message: Mapping[str, Any], content: bytes = b"") -> None:
    """Write one message.

    Raises:
        OSError: nobody reads any more.
    """
    stream.write(json.dumps({**message, "bytes": len(content)}).encode() + b"\n")
    stream.write(content)
    stream.flush()


def receive(stream: IO[bytes], most: int | None = None) -> tuple[dict[str, Any], bytes] | None:
    """Read one message.

    Args:
        stream: where from.
        most: bytes that may follow the line; None for any number.

    Returns:
        The message and the bytes; None if the other side has ended.

    Raises:
        ValueError: it is no message, or a longer one.
    """
    line = stream.readline(_LONGEST_LINE)
    if not line:
        return None
    message = json.loads(line)
    size = message.pop("bytes")
    if most is not None and size > most:
        raise ValueError(f"{size} bytes, {most} at most")
    content = stream.read(size)
    return (message, content) if len(content) == size else None
