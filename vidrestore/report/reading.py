"""Reports read back from their files, each field checked against the types that make them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from vidrestore.errors import InputError
from vidrestore.report.keeping.seal import unbroken
from vidrestore.report.types import SCHEMA, Report
from vidrestore.text.escaping import shown

_LONGEST: Final = 1 << 30  # bytes of a report; two hours with three faces in each frame have 30 MB


@cache
def adapter() -> TypeAdapter[Report]:
    """What holds JSON against the types; made when it is first needed."""
    return TypeAdapter(Report)


def read_report(path: str | Path) -> Report:
    """A report from the file that ``--report`` or ``write_json`` wrote.

    Fields that this version does not know are passed over. Whether anybody has changed the file
    ``verify_report`` tells.

    Raises:
        InputError: it cannot be read, is no report, is of another schema, or a field does not fit.
    """
    return sealed_report(path)[0]


def sealed_report(path: str | Path) -> tuple[Report, bool]:
    """A report, and whether its file is as it was written, to the byte; see ``read_report``."""
    try:
        if Path(path).is_fifo():  # whoever opens one waits until somebody writes
            raise InputError(f"{path} is a pipe; save the report as a file, and name that")
        with Path(path).open("rb") as file:
            content = file.read(_LONGEST)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    try:
        data = from_json(content, allow_inf_nan=False)
    except ValueError as error:
        raise _no_report(path, "it is not JSON") from error
    if not isinstance(data, dict) or "schema" not in data:
        raise _no_report(path, "it names no schema")
    if data["schema"] != SCHEMA:
        raise InputError(
            f"{path} is a report of schema {shown(data['schema'])}, and this version of vidrestore "
            f"reads schema {SCHEMA}; use the version that made it{_maker(data)}"
        )
    try:
        return adapter().validate_python(data), unbroken(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        wrong = first["msg"][:1].lower() + first["msg"][1:]
        raise _no_report(path, f"{shown(place)}: {shown(wrong)}") from error


def _no_report(path: str | Path, why: str) -> InputError:
    return InputError(f"{path} is no report ({why}); name what --report wrote")


def _maker(data: dict[str, Any]) -> str:
    version = data.get("version")
    return f", {shown(version)}" if isinstance(version, str) else ""
