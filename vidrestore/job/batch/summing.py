"""What is kept of a whole run: an index, a table, a summary, manifests and a bag."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from vidrestore import __version__
from vidrestore.errors import OutputError
from vidrestore.job.batch.asked import Asked
from vidrestore.job.batch.outcome import Outcome
from vidrestore.job.batch.records.row import UNFINISHED, WRONG, Row, State
from vidrestore.job.batch.records.schema import BAGGED, REPORTS, bag_of
from vidrestore.report import write_json
from vidrestore.report.html.page import templates, write_page
from vidrestore.report.keeping.bag import write_bag
from vidrestore.report.keeping.fixity import hashed
from vidrestore.report.keeping.manifest import write_manifest
from vidrestore.runtime.whole_file import whole_file

_COLUMNS: Final = (
    *("source", "output", "state", "reason", "error", "attempts", "deaths"),
    *("frames", "faces", "frames_restored", "duration", "seconds", "output_bytes"),
    *("warnings", "damage", "model", "model_hash", "source_hash", "output_hash", "report"),
    *("inpainting", "inpainting_hash", "also", "also_hash"),
)
_SUMMARY: Final = "summary.json"
_ALGORITHMS: Final = ("sha256", "sha512", "md5")
_OF_ROW: Final = frozenset(_COLUMNS[:7])


def write_reports(output: Path, rows: Sequence[Row], outcome: Outcome) -> Outcome:
    """Write the index, the CSV and the summary; give the outcome with the summary's place.

    Raises:
        OutputError: they cannot be written.
    """
    folder = output / REPORTS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(folder / "files.csv") as file:
            file.write(_csv(rows).encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise OutputError(f"{folder} cannot be written to: {error.strerror}") from error
    write_page(_index(output, rows, outcome), folder / "index.html")
    summary = folder / _SUMMARY
    write_json(_summary(outcome), summary)
    return replace(outcome, summary=summary)


def last_run(output: Path) -> tuple[float, str | None]:
    """How long the run before took, and why it ended, by its summary; 0 s if there is none."""
    try:
        told = json.loads((output / REPORTS / _SUMMARY).read_bytes())
        stopped = told["stopped"]
        return float(told["seconds"]), None if stopped is None else str(stopped)
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0, None


def write_fixity(asked: Asked, algorithm: str, rows: Sequence[Row]) -> None:
    """Write manifests of results and sources, and the bag if one is wanted.

    Args:
        asked: the run.
        algorithm: of the hashes; "none" leaves all out.
        rows: all files.

    Raises:
        OutputError: something cannot be read or written.
    """
    if algorithm == "none":
        return
    done = [row for row in rows if row.state == State.DONE]
    try:
        results = {row.output: _digest(row, "output", row.output, algorithm, asked) for row in done}
        sources = {row.source: _digest(row, "source", row.source, algorithm, asked) for row in done}
        for row in done:
            if "also" in row.done:
                name = Path(row.done["also"])
                results[name] = _digest(row, "also", name, algorithm, asked)
    except OSError as error:
        raise OutputError(f"{error.filename} cannot be read: {error.strerror}") from error
    known = {name: digest for name, digest in results.items() if digest}
    write_manifest(asked.output / f"manifest-{algorithm}.txt", known)
    origins = {name: digest for name, digest in sources.items() if digest}
    write_manifest(asked.output / REPORTS / f"sources-{algorithm}.txt", origins)
    if asked.bag and known:
        about = {
            "External-Description": f"{BAGGED} {__version__}",
            "Bagging-Date": f"{datetime.now().astimezone():%Y-%m-%d}",
        }
        # A report that could not be written is not there.
        told = [row for row in done if row.output in known and "report" in row.done]
        reports = [Path(row.done["report"]) for row in told]
        write_bag(bag_of(asked.output), asked.output, [*known, *reports], algorithm, about)


def former_manifests(output: Path, algorithm: str) -> list[str]:
    """A line for each manifest of other hashes, which tells of results as an earlier run left them.

    Args:
        output: the folder of all results.
        algorithm: of the hashes that were written now.
    """
    others = [name for name in _ALGORITHMS if name != algorithm]
    found = [output / f"manifest-{name}.txt" for name in others]
    return [
        f"{path} is of an earlier run, and was not written anew; ask for it with --checksum {name}"
        for name, path in zip(others, found, strict=True)
        if path.exists()
    ]


def _digest(row: Row, which: str, name: Path, algorithm: str, asked: Asked) -> str | None:
    """As the job knows it, or made now where it was made by another algorithm."""
    kind, _, known = str(row.done.get(f"{which}_hash", "")).partition(":")
    if kind == algorithm:
        return known
    made = hashed(asked.output / name, algorithm)
    return None if made is None else made.digest


def _csv(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow(
            [getattr(row, name) if name in _OF_ROW else row.done.get(name, "") for name in _COLUMNS]
        )
    return text.getvalue()


def _summary(outcome: Outcome) -> dict[str, Any]:
    return {
        "files": {str(state): count for state, count in outcome.counts.items()},
        "hours": outcome.hours,
        "frames": outcome.frames,
        "faces": outcome.faces,
        "seconds": outcome.seconds,
        "stopped": outcome.stopped,
        "warned": outcome.warned,
        "failures": dict(outcome.failures),
        "wrong": [
            {"source": path, "reason": reason, "error": error}
            for path, reason, error in outcome.wrong
        ],
    }


def _index(output: Path, rows: Sequence[Row], outcome: Outcome) -> str:
    files = [
        {
            "source": str(row.source),
            "output": str(row.output),
            "state": str(row.state),
            "reason": row.reason,
            "error": row.error,
            "duration": row.done.get("duration"),
            "frames": row.done.get("frames", ""),
            "faces": row.done.get("faces", ""),
            "warnings": row.done.get("warnings", ""),
            "seconds": row.done.get("seconds"),
            # The index lies in the folder of the pages.
            "page": row.done["page"].removeprefix(f"{REPORTS}/") if "page" in row.done else None,
        }
        for row in rows
    ]
    counts = Counter(str(row.state) for row in rows)
    return (
        templates()
        .get_template("index.html")
        .render(
            rows=files,
            counts=counts,
            folder=str(output),
            now=datetime.now().astimezone(),
            hours=outcome.hours,
            frames=outcome.frames,
            faces=outcome.faces,
            wrong=[one for one in files if one["state"] in WRONG],
            failures=sorted(outcome.failures.items()),
            waiting=sum(counts[state] for state in UNFINISHED),
        )
    )
