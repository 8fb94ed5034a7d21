"""What a worker restores with: sessions whose thread counts are fixed, as those of divided jobs."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from vidrestore.build import build_source, use_threads, worker_devices
from vidrestore.config import Config
from vidrestore.job.copying import copy_as
from vidrestore.job.segments.planning import fixed
from vidrestore.job.session import Session
from vidrestore.job.showing.excerpts import excerpts
from vidrestore.report import Report
from vidrestore.report.html.excerpts import Excerpts
from vidrestore.runtime import machine


def opened(config: Config) -> Session:
    """A session; a result does not depend on how many processes are at work beside it."""
    config = fixed(config)
    use_threads(config.restore.threads)
    return Session(config)


def devices(config: Config, jobs: int) -> list[str]:
    """Where each process computes; as many as are asked for, or as pay (0)."""
    return worker_devices(config.restore, jobs, machine.cores(), machine.memory())


def pictures(report: Report, config: Config) -> Excerpts:
    """What the page of a file shows."""
    return excerpts(report, config)


def copy(*given: Any, **named: Any) -> list[str]:
    """A result, encoded once more."""
    return copy_as(*given, **named)


def length(path: Path) -> float | None:
    """Seconds of a video, as its container gives them.

    Raises:
        InputError: it cannot be opened.
    """
    with closing(build_source(Config(), path, None, None, None)) as frames:
        return None if frames.duration is None else float(frames.duration)
