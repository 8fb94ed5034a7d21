"""What a report claims, read as a stranger's: it may say how, and names no program to run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from vidrestore.config import NO_MODEL, Config
from vidrestore.report import Fixity, Report
from vidrestore.report.arrays import Regions
from vidrestore.report.reading import sealed_report


class Claims:
    """A report of an earlier job.

    Args:
        report: as it was read.
        sealed: whether its file is as it was written, to the byte.

    Attributes:
        report: as given.
        sealed: as given.
        fixity: its hashes; an empty one where it has none.
    """

    def __init__(self, report: Report, *, sealed: bool) -> None:
        self.report, self.sealed = report, sealed
        self.fixity = report.fixity or Fixity("sha256", None, None)

    @classmethod
    def read(cls, path: Path) -> Self:
        """What is in a report's file.

        Raises:
            InputError: it cannot be read, or is no report of this version's form.
        """
        report, sealed = sealed_report(path)
        return cls(report, sealed=sealed)

    @property
    def regions(self) -> Regions:
        """(n, 5) int32, rows ``frame, x0, y0, x1, y1``: all that may have been changed."""
        none = np.empty((0, 5), np.int32)
        return np.concatenate([none, *(track.regions for track in self.report.tracks)])

    def config(self, options: Mapping[str, Any]) -> Config:
        """The options of the job.

        Args:
            options: by dotted name, those that the caller gives in their place.

        Raises:
            ConfigError: the report would have something run or opened; who trusts it gives that
                option.
        """
        mine = {name: dict(values) for name, values in self.report.settings.items()}
        for name in options:
            section, _, option = name.partition(".")
            mine.get(section, {}).pop(option, None)
        if "restore.inpainting" not in options:
            # Not what lies here today, but what painted then.
            painter = self.report.inpainting
            named = NO_MODEL if painter is None else f"sha256:{painter.sha256}"
            mine.setdefault("restore", {})["inpainting"] = named
        config = Config.from_mapping(mine, " in the report", origin="request")
        return config.with_options(options, origin="flag")
