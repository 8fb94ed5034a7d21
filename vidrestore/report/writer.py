"""Reports as files of strict JSON, written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vidrestore.errors import OutputError
from vidrestore.report.keeping.seal import encoded
from vidrestore.report.plain import plain, to_json
from vidrestore.runtime.whole_file import whole_file

__all__ = ["plain", "to_json", "write_json"]


def write_json(value: Any, path: str | Path) -> None:
    """Write the value to ``path``, replacing what is there only once the new file is whole.

    Raises:
        OutputError: if the folder is missing or cannot be written to, or the disk is full.
    """
    target = Path(path)
    text = to_json(value)
    try:
        with whole_file(target) as file:
            file.write(encoded(text))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(
            f"cannot write the report {target}: {reason}; name a file in a folder that "
            "exists and is writable"
        ) from error
