"""Reports as strict JSON (RFC 8259: no NaN, no infinity), written whole or not at all."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from vidrestore.errors import OutputError
from vidrestore.report.types import Report
from vidrestore.runtime.whole_file import whole_file
from vidrestore.text.escaping import escaped_json


def plain(value: Any) -> Any:
    """The value as dicts, lists, strings, numbers and None.

    Dataclasses become objects by field name, fractions become "num/den" (exact times), paths
    strings, dates ISO 8601; numbers that JSON does not know become None.

    Raises:
        TypeError: for a type that has no plain form.
    """
    result: Any
    if value is None or isinstance(value, str | bool | int):
        result = value
    elif isinstance(value, float):
        result = value if math.isfinite(value) else None
    elif isinstance(value, np.ndarray | np.generic):
        result = plain(value.tolist()) if value.dtype.kind == "f" else value.tolist()
    elif isinstance(value, Fraction):
        result = f"{value.numerator}/{value.denominator}"
    elif isinstance(value, Path):
        result = str(value)
    elif isinstance(value, datetime):
        result = value.isoformat()
    elif isinstance(value, Mapping):
        result = {str(key): plain(entry) for key, entry in value.items()}
    elif isinstance(value, list | tuple):
        result = [plain(entry) for entry in value]
    elif is_dataclass(value) and not isinstance(value, type):
        result = {entry.name: plain(getattr(value, entry.name)) for entry in fields(value)}
        if isinstance(value, Report):
            result["frames_per_second"] = plain(value.frames_per_second)
    else:
        raise TypeError(f"a {type(value).__name__} has no form in JSON")
    return result


def to_json(value: Any) -> str:
    """The value as one JSON text; lists of plain numbers stay on one line."""
    return escaped_json("".join(_write(plain(value), "\n"))) + "\n"


def _write(value: Any, newline: str) -> list[str]:
    """Pieces of JSON: one line per entry, except that a row of numbers stays a row."""
    inner = newline + "  "
    if isinstance(value, dict) and value:
        parts = ["{"]
        for index, (key, entry) in enumerate(value.items()):
            parts += ["," if index else "", inner, json.dumps(key, ensure_ascii=False), ": "]
            parts += _write(entry, inner)
        return [*parts, newline, "}"]
    if isinstance(value, list) and any(isinstance(entry, dict | list) for entry in value):
        parts = ["["]
        for index, entry in enumerate(value):
            parts += ["," if index else "", inner]
            parts += _write(entry, inner)
        return [*parts, newline, "]"]
    return [json.dumps(value, allow_nan=False, ensure_ascii=False)]


def write_json(value: Any, path: str | Path) -> None:
    """Write the value to ``path``, replacing what is there only once the new file is whole.

    Raises:
        OutputError: if the folder is missing or cannot be written to, or the disk is full.
    """
    target = Path(path)
    text = to_json(value)
    try:
        with whole_file(target) as file:
            # A name that is not UTF-8 holds lone surrogates, which become JSON's own escapes.
            file.write(text.encode("utf-8", "backslashreplace"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(
            f"cannot write the report {target}: {reason}; name a file in a folder that "
            "exists and is writable"
        ) from error
