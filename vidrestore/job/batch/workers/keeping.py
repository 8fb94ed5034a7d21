"""What is kept of a finished file beside its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from vidrestore.job.batch.records.schema import REPORTS
from vidrestore.report import Report, write_json


@dataclass(frozen=True, slots=True)
class Kept:
    """What is to be kept of a file.

    Attributes:
        folder: of all results.
        output: the result, below it.
    """

    folder: Path
    output: Path

    @classmethod
    def of(cls, job: Mapping[str, Any]) -> Self:
        """As a worker is told."""
        return cls(Path(job["folder"]), Path(job["output"]))

    def beside(self, end: str) -> Path:
        """A file of the reports, named as the result."""
        return self.folder / REPORTS / self.output.with_name(self.output.name + end)


def keep(report: Report, kept: Kept) -> dict[str, Any]:
    """Write the report, and give what the table is to know.

    Raises:
        OutputError: it cannot be written.
    """
    place = kept.beside(".json")
    place.parent.mkdir(parents=True, exist_ok=True)
    write_json(report, place)
    return {
        "frames": report.frames,
        "faces": report.faces,
        "frames_restored": report.frames_restored,
        "duration": report.duration,
        "seconds": report.seconds,
        "output_bytes": (kept.folder / kept.output).stat().st_size,
        "warnings": len(report.warnings),
        "damage": len(report.damage),
        "model": report.model.name,
        "model_hash": report.model.sha256,
        "report": str(place.relative_to(kept.folder)),
    }
