"""What is kept of a finished file beside its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from vidrestore.config import Config
from vidrestore.errors import VidrestoreError
from vidrestore.job.batch.records.schema import REPORTS
from vidrestore.report import Report, write_json
from vidrestore.report.html.excerpts import Excerpts
from vidrestore.report.html.page import page, write_page
from vidrestore.report.keeping.premis import write_premis
from vidrestore.video.frame_hashes import place_of_restored, write_frame_hashes

Pictures = Callable[[Report, Config], Excerpts]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is to be kept of a file.

    Attributes:
        folder: of all results.
        output: the result, below it.
        premis: whether the job is described in PREMIS 3, too.
        frame_hashes: whether every frame of the result is hashed.
    """

    folder: Path
    output: Path
    premis: bool
    frame_hashes: bool

    @classmethod
    def of(cls, job: Mapping[str, Any]) -> Self:
        """As a worker gets it."""
        return cls(Path(job["folder"]), Path(job["output"]), job["premis"], job["frame_hashes"])

    def beside(self, end: str) -> Path:
        """A file of the reports, named as the result."""
        return self.folder / REPORTS / self.output.with_name(self.output.name + end)


def keep(report: Report, kept: Kept, config: Config, pictures: Pictures) -> dict[str, Any]:
    """Write what is to be kept, and give what the table is to know.

    Raises:
        OutputError: the report cannot be written. A page that cannot be made is noted in the table.
    """
    place = kept.beside(".json")
    place.parent.mkdir(parents=True, exist_ok=True)
    write_json(report, place)
    premis, hashes = kept.beside(".premis.xml"), kept.beside(".framemd5")
    for former in (premis, hashes):
        # What an earlier run wrote is of a result that is replaced now.
        former.unlink(missing_ok=True)
    if kept.premis:
        write_premis(report, premis)
    if kept.frame_hashes:
        stream = place_of_restored(report.streams)
        write_frame_hashes(kept.folder / kept.output, stream, hashes, config.input)
    fixity = report.fixity
    facts: dict[str, Any] = {
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
    if report.inpainting is not None:
        facts["inpainting"] = report.inpainting.name
        facts["inpainting_hash"] = report.inpainting.sha256
    if fixity is not None:
        for name, file in (("source", fixity.source), ("output", fixity.result)):
            if file is not None:
                facts[f"{name}_hash"] = f"{fixity.algorithm}:{file.digest}"
    try:
        write_page(page(report, pictures(report, config)), kept.beside(".html"))
        facts["page"] = str(kept.beside(".html").relative_to(kept.folder))
    except VidrestoreError as error:
        facts["no_page"] = str(error)
    return facts
