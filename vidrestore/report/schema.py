"""The form of reports as a JSON Schema (draft 2020-12), made of the types that they consist of.

It is written by

    python -m vidrestore.report.schema > docs/report.schema.json
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from vidrestore.report.reading import adapter
from vidrestore.report.types import SCHEMA


def json_schema() -> dict[str, Any]:
    """What every report fits, whatever further fields it has."""
    schema = adapter().json_schema()
    schema["properties"] |= {
        "schema": {"const": SCHEMA, "description": "Version of this form."},
        "frames_per_second": {"type": "number"},
        "digest": {
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
            "description": "SHA-256 of all before it in the file.",
        },
    }
    schema["required"] += ["schema"]
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema}


def schema_text() -> str:
    """The schema as its file holds it."""
    return json.dumps(json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
