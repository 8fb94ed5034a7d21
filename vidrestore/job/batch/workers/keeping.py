"""What is kept of a finished file beside its result."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

from vidrestore.config import Config
from vidrestore.errors import VidrestoreError
from vidrestore.job.batch.records.schema import REPORTS
from vidrestore.report import Report, write_json
from vidrestore.report.html.excerpts import Excerpts
from vidrestore.report.html.page import page, write_page
from vidrestore.report.keeping.premis import write_premis
from vidrestore.video.frame_hashes import place_of_restored, write_frame_hashes

Pictures = Callable[[Report, Config], Excerpts]
_Write = Callable[[Path], object]
_NOTED: Final = ("report", "page")  # of these the table has the place

_log = logging.getLogger(__name__)


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

    The result is whole and in its place by now. What cannot be written about it is noted as
    ``no_report``, ``no_premis``, ``no_frame_hashes`` or ``no_page``, with why: no such trouble is
    worth restoring a video again.
    """
    facts = _facts(report)
    result = kept.folder / kept.output
    with suppress(OSError):  # the disk is away: it is known by its hash all the same
        facts["output_bytes"] = result.stat().st_size

    def hashes(target: Path) -> None:
        write_frame_hashes(result, place_of_restored(report.streams), target, config.input)

    def shown(target: Path) -> None:
        write_page(page(report, pictures(report, config)), target)

    papers: dict[str, tuple[str, _Write | None]] = {
        "report": (".json", partial(write_json, report)),
        "premis": (".premis.xml", partial(write_premis, report) if kept.premis else None),
        "frame_hashes": (".framemd5", hashes if kept.frame_hashes else None),
        "page": (".html", shown),
    }
    for name, (end, write) in papers.items():
        place = kept.beside(end)
        why = _unwritten(place, write)
        if why is not None:
            facts[f"no_{name}"] = why
        elif name in _NOTED:
            facts[name] = str(place.relative_to(kept.folder))
    return facts


def _facts(report: Report) -> dict[str, Any]:
    """What the report tells that the table has, too."""
    fixity = report.fixity
    facts: dict[str, Any] = {
        "frames": report.frames,
        "faces": report.faces,
        "frames_restored": report.frames_restored,
        "duration": report.duration,
        "seconds": report.seconds,
        "warnings": len(report.warnings),
        "damage": len(report.damage),
        "model": report.model.name,
        "model_hash": report.model.sha256,
    }
    if report.inpainting is not None:
        facts["inpainting"] = report.inpainting.name
        facts["inpainting_hash"] = report.inpainting.sha256
    if fixity is not None:
        for name, file in (("source", fixity.source), ("output", fixity.result)):
            if file is not None:
                facts[f"{name}_hash"] = f"{fixity.algorithm}:{file.digest}"
    return facts


def _unwritten(place: Path, write: _Write | None) -> str | None:
    """Write a file about the result; give why that cannot be, None if it is written.

    Args:
        place: of the file.
        write: writes it; None if there is to be none.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # What an earlier run wrote is of a result that is replaced now.
        place.unlink(missing_ok=True)
        if write is not None:
            write(place)
    except VidrestoreError as error:
        why = str(error)
    except OSError as error:
        why = f"{place} cannot be replaced: {error.strerror or error}"
    except Exception as error:  # a bug in a page costs the page, and not the video
        _log.exception("a bug")
        traceback.print_exc()
        where = traceback.extract_tb(error.__traceback__)[-1]
        why = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
    else:
        return None
    _log.warning("%s", why)
    return why
