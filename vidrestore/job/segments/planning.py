"""Making a plan: what a job is going to do, from looking at its source alone."""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path
from typing import Final

from vidrestore import __version__
from vidrestore.config import Config
from vidrestore.job.segments.grid import Around, divide
from vidrestore.job.segments.plan import Plan, SourceIdentity
from vidrestore.job.task import Task
from vidrestore.runtime import machine
from vidrestore.runtime.stoppable import stoppable
from vidrestore.video import WHOLE, Segment, VideoSource, timetable

MOST_THREADS: Final = 4
"""Of the network and of the encoder of a divided job, each; more gain little there, and processes
gain more."""
# A video is not worth dividing unless it is longer than a segment by this factor.
_WORTH_IT: Final = Fraction(3, 2)


def plan(
    task: Task,
    config: Config,
    frames: VideoSource,
    models: tuple[str, ...],
    *,
    divisible: bool,
    stop: threading.Event | None,
) -> Plan:
    """Plan a task.

    The same task gives the same plan, whatever the number of processes and whatever an earlier run
    has done. Where the job is divided, thread counts that the options leave open are fixed: sums of
    floats, and what encoders write, depend on them.

    Args:
        task: what is asked for.
        config: all options.
        frames: its source, of which nothing was read.
        models: SHA-256 of all weights.
        divisible: whether the result can be put together from segments.
        stop: set it from anywhere to end early.

    Raises:
        InputError: the source cannot be read.
        Interrupted: ``stop`` was set.
    """
    segments = _segments(config, frames, stop) if divisible else (WHOLE,)
    if len(segments) > 1:
        config = fixed(config)
    copies = [copy.encoded_as(config) for copy in task.copies]
    return Plan(
        source=_identity(frames.path),
        start=task.start,
        end=task.end,
        settings=config.model_dump(mode="json"),
        models=models,
        version=__version__,
        first=frames.first,
        segments=segments,
        copies=tuple(copy.as_plain() for copy in copies),
    )


def _identity(path: str) -> SourceIdentity:
    # Pictures that are read as a video are many files.
    return SourceIdentity.of(path) if Path(path).is_file() else SourceIdentity(path, 0, 0, "")


def _segments(
    config: Config, frames: VideoSource, stop: threading.Event | None
) -> tuple[Segment, ...]:
    seconds = config.job.segment
    length = frames.duration
    if not seconds or not frames.divisible or (length or seconds) < seconds * _WORTH_IT:
        return (WHOLE,)
    # A read that hangs is left behind; one that goes on ends by itself.
    asked = None if stop is None else stop.is_set
    table = stoppable(lambda: timetable(frames.path, config.input, asked), stop)
    if table is None:
        return (WHOLE,)
    start = None if frames.start is None else frames.info.start + frames.start
    end = None if frames.end is None else frames.info.start + frames.end
    found = divide(table, seconds, Around.of(config.temporal), start, end)
    return found if len(found) > 1 else (WHOLE,)


def fixed(config: Config) -> Config:
    """The options with the thread counts of a divided job."""
    threads = min(MOST_THREADS, machine.cores())
    return config.with_options(
        {
            "restore.threads": config.restore.threads or threads,
            "encoder.threads": config.encoder.threads or threads,
        }
    )
