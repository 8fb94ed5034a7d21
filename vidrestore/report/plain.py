"""Values as JSON can hold them (RFC 8259: no NaN, no infinity), and as its text."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from vidrestore.report.keeping.seal import sealed
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
        names = [entry.name for entry in fields(value)] + list(getattr(value, "DERIVED", ()))
        result = {name: plain(getattr(value, name)) for name in names}
    else:
        raise TypeError(f"a {type(value).__name__} has no form in JSON")
    return result


def to_json(value: Any) -> str:
    """The value as one JSON text; lists of plain numbers stay on one line.

    A report has the hash of all this as its last entry, see ``keeping.seal``.
    """
    text = escaped_json("".join(_write(plain(value), "\n"))) + "\n"
    return sealed(text) if getattr(value, "SEALED", False) else text


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


class Jsonable:
    """A value for people and programs, and becomes JSON by field name."""

    __slots__ = ()

    DERIVED: ClassVar[tuple[str, ...]] = ()
    """What follows from the fields, and is given with them."""

    SEALED: ClassVar[bool] = False
    """Whether its JSON ends with the hash of itself."""

    def as_dict(self) -> dict[str, Any]:
        """The value as dicts, lists, text, numbers and None."""
        result: dict[str, Any] = plain(self)
        return result

    def to_json(self) -> str:
        """The value as one JSON text."""
        return to_json(self)
