"""What a call asks for beside names and options of the work."""

from __future__ import annotations

from dataclasses import dataclass

from vidrestore.cli.display.progress import Style
from vidrestore.cli.restoring.names import Pair
from vidrestore.config import Config


@dataclass(frozen=True, slots=True)
class Asked:
    """A call of ``vidrestore restore``, checked.

    Attributes:
        pairs: what is restored, which piece of it, and where to.
        several: whether results go into a folder, so that one failure is not that of the call.
        preset: as it was named.
        config: all options.
        copied: how further results are encoded.
        overwrite: whether existing results are replaced.
        skip_existing: whether they are left alone, and their sources not restored.
        jobs: processes for each long video; 0 for as many as pay.
        restart: whether unfinished parts are thrown away.
        keep_parts: whether parts are kept.
        report: a file or a folder for reports, "-" for stdout.
        style: how progress is shown.
        quiet: whether nothing is said but what is wrong.
        as_data: whether an estimate is given as JSON.
    """

    pairs: list[Pair]
    several: bool
    preset: str
    config: Config
    copied: Config | None = None
    overwrite: bool = False
    skip_existing: bool = False
    jobs: int = 0
    restart: bool = False
    keep_parts: bool = False
    report: str | None = None
    style: Style = "auto"
    quiet: bool = False
    as_data: bool = False
