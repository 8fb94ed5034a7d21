"""What the command line and other programs call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from vidrestore.config import Config
from vidrestore.errors import Interrupted
from vidrestore.job.images import RestoredImage
from vidrestore.job.session import Session
from vidrestore.report import Estimate, Inspection, Progress, Report
from vidrestore.stages import Detector, Restorer

__all__ = [
    "Interrupted",
    "RestoredImage",
    "Session",
    "estimate",
    "inspect_video",
    "restore_video",
]


def restore_video(
    source: str | Path,
    output: str | Path,
    config: Config | None = None,
    *,
    start: Fraction | None = None,
    end: Fraction | None = None,
    overwrite: bool = False,
    jobs: int = 1,
    restart: bool = False,
    keep_parts: bool = False,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
    restorer: Restorer | None = None,
    detector: Detector | None = None,
) -> Report:
    """Restore the faces of a video, in a session for this job alone.

    Arguments, result and errors are those of :class:`Session` and :meth:`Session.restore`.
    """
    with Session(config, restorer=restorer, detector=detector) as session:
        return session.restore(
            source,
            output,
            start=start,
            end=end,
            overwrite=overwrite,
            jobs=jobs,
            restart=restart,
            keep_parts=keep_parts,
            progress=progress,
            stop=stop,
        )


def inspect_video(
    source: str | Path,
    config: Config | None = None,
    *,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
    detector: Detector | None = None,
) -> Inspection:
    """Tell what is in a video, in a session for this job alone.

    Arguments, result and errors are those of :class:`Session` and :meth:`Session.inspect`.
    """
    with Session(config, detector=detector) as session:
        return session.inspect(source, progress=progress, stop=stop)


def estimate(
    source: str | Path,
    output: str | Path,
    config: Config | None = None,
    *,
    start: Fraction | None = None,
    end: Fraction | None = None,
    overwrite: bool = False,
    stop: threading.Event | None = None,
) -> Estimate:
    """Tell what a job would take, in a session for this job alone.

    Arguments, result and errors are those of :class:`Session` and :meth:`Session.estimate`.
    """
    with Session(config) as session:
        return session.estimate(
            source, output, start=start, end=end, overwrite=overwrite, stop=stop
        )
