"""The page of one file: everything in it, nothing fetched."""

from __future__ import annotations

import shlex
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from vidrestore.config import Config
from vidrestore.config.messages import sections
from vidrestore.errors import OutputError
from vidrestore.report.html.excerpts import Excerpts
from vidrestore.report.html.quality import qualities
from vidrestore.report.html.timeline import MOST_PEOPLE, timeline
from vidrestore.report.keeping.seal import encoded
from vidrestore.report.outside import beyond_faces
from vidrestore.report.types import Report
from vidrestore.runtime.whole_file import whole_file
from vidrestore.text.escaping import escaped
from vidrestore.text.wording import clock, counted, size, spoken

_TEMPLATES: Final = Path(__file__).with_name("templates")
# Of what is asked for of whole frames the report counts those that it changed: that may be none.
_COUNTED: Final = frozenset({"film.deflicker", "film.repair"})
_UNKNOWN_TRAINING: Final = "not known: the file is none of the catalogue's"


@cache
def templates() -> Environment:
    """The templates; what is put into them is escaped, and what is missing is an error."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        clock=clock, counted=counted, bytes=size, spoken=spoken, jpeg=_jpeg, shown=_shown
    )
    return environment


def page(report: Report, excerpts: Excerpts) -> str:
    """The page of a finished job."""
    return (
        templates()
        .get_template("file.html")
        .render(
            report=report,
            excerpts=excerpts,
            timeline=timeline(report),
            qualities=qualities(report, excerpts, MOST_PEOPLE),
            settings=settings_of(report.settings),
            training=training(report),
            again=how_again(report),
            left=sum(report.left_alone.values()),
            outside=outside(report),
        )
    )


def write_page(text: str, target: Path) -> None:
    """Write a page.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        with whole_file(target) as file:
            file.write(encoded(text))
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror}") from error


def settings_of(settings: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Sections of options: of each its name, its value, and whether that is not the default."""
    found = []
    for section, model in sections(Config).items():
        given = settings.get(section, {})
        rows = []
        for name, field in model.model_fields.items():
            value = given.get(name)
            standard = field.get_default(call_default_factory=True)
            rows.append((name, _value(value), value != standard))
        found.append((section, rows))
    return found


def training(report: Report) -> str:
    """What the model was trained on."""
    # It loads torch, which an index of pages can do without.
    from vidrestore.weights.catalogue import CATALOGUE  # noqa: PLC0415

    known = CATALOGUE.get(report.model.name)
    if known is None or known.sha256 != report.model.sha256:
        return "nothing: there is no model" if not report.model.sha256 else _UNKNOWN_TRAINING
    return known.training


def outside(report: Report) -> str:
    """What was done to the picture around the faces."""
    steady = report.picture.get("deflickered_frames", 0)
    repaired = report.picture.get("repaired_frames", 0)
    told = [
        f"{what} taken out of {counted(frames, 'whole frame')}."
        for what, frames in (
            ("Flicker of light was", steady),
            ("Specks and scratches were", repaired),
        )
        if frames
    ]
    asked = beyond_faces(report.settings)
    for option, clause in asked.items():
        if option not in _COUNTED:
            told.append(f"{clause[0].upper()}{clause[1:]}.")
    if not told:
        return "Outside the faces nothing was changed before encoding."
    # What was redrawn is none of the source's own: there is nothing else.
    if "output.background" not in asked:
        told.append("Outside the faces nothing else was changed before encoding.")
    return " ".join(told)


def how_again(report: Report) -> str:
    """A call that makes the same result."""
    words = ["vidrestore", "restore", report.input, report.output]
    if report.start is not None:
        words += ["--from", f"{float(report.start):.6f}".rstrip("0").rstrip(".")]
    if report.end is not None:
        words += ["--to", f"{float(report.end):.6f}".rstrip("0").rstrip(".")]
    for section, rows in settings_of(report.settings):
        for name, value, changed in rows:
            given = report.settings.get(section, {})
            if not changed:
                continue
            if isinstance(given.get(name), Mapping):
                pairs = given[name].items()
                words += [w for k, v in pairs for w in (f"--{section}.{name}", f"{k}={v}")]
            else:
                words += [f"--{section}.{name}", value]
    return shlex.join(words)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return " ".join(f"{key}={entry}" for key, entry in value.items()) or "none"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(map(str, value))
    return "none" if value is None else str(value)


def _jpeg(data: bytes) -> str:
    return "data:image/jpeg;base64," + b64encode(data).decode()


def _shown(text: object) -> str:
    return escaped(str(text))
