"""Arrays of reports, and how they are read back from JSON."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainValidator, WithJsonSchema


def _regions(rows: Any) -> NDArray[np.int32]:
    """Rows of five whole numbers of 32 bits."""
    if isinstance(rows, np.ndarray):
        return rows
    whole = isinstance(rows, list) and all(
        isinstance(row, list) and len(row) == 5 and all(type(number) is int for number in row)
        for row in rows
    )
    try:
        found = np.array(rows if whole else None, np.int32)
    except (TypeError, OverflowError) as error:
        raise ValueError("not rows of five whole numbers: frame, x0, y0, x1, y1") from error
    return found.reshape(-1, 5)


def _shares(values: Any) -> NDArray[np.float64]:
    """Numbers from 0 to 1."""
    if isinstance(values, np.ndarray):
        return values
    numbers = isinstance(values, list) and all(type(value) in {int, float} for value in values)
    found = np.array(values if numbers else [-1.0], np.float64)
    if not ((found >= 0) & (found <= 1)).all():
        raise ValueError("not numbers from 0 to 1")
    return found


Regions = Annotated[
    NDArray[np.int32],
    PlainValidator(_regions),
    WithJsonSchema(
        {
            "type": "array",
            "description": "Rows of frame, x0, y0, x1, y1.",
            "items": {
                "type": "array",
                "items": {"type": "integer"},
                "minItems": 5,
                "maxItems": 5,
            },
        }
    ),
]
"""(n, 5) int32, rows ``frame, x0, y0, x1, y1``."""

Shares = Annotated[
    NDArray[np.float64],
    PlainValidator(_shares),
    WithJsonSchema({"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}}),
]
"""(n,) float64, 0..1."""
