"""A job: from a video to a restored one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from vidrestore import __version__
from vidrestore.build import (
    build_finding,
    build_restoring,
    build_scaler,
    build_sink,
    build_source,
)
from vidrestore.config import Config
from vidrestore.datatypes import Frame, PastedFrame
from vidrestore.job.networks import Networks
from vidrestore.job.task import Task
from vidrestore.pipeline import Timings, run
from vidrestore.report import Progress, Report, ReportBuilder
from vidrestore.runtime.stoppable import stoppable
from vidrestore.stages import Sink, Source
from vidrestore.video.outputs.free_space import check_room

# How long a sink that is just being opened is waited for when the job is to stop.
_TIDYING_SECONDS = 5.0

_log = logging.getLogger(__name__)


def restore(
    task: Task,
    config: Config,
    networks: Networks,
    *,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Report:
    """Carry out a task; arguments and errors are those of ``Session.restore``."""
    begun, started = time.perf_counter(), datetime.now(UTC)
    report, timings = ReportBuilder(), Timings()
    with closing(build_source(config, task.source, task.start, task.end, stop)) as frames:
        counted, scaler = _Counted(frames), build_scaler(config, frames)
        # The sink comes before the model: it refuses what cannot work without any waiting.
        sink = stoppable(
            lambda: build_sink(config, frames, scaler, task.output, overwrite=task.overwrite),
            stop,
            discard=lambda sink: sink.abort(),
            grace=_TIDYING_SECONDS,
        )
        with _published(sink):
            written = frames.format if scaler is None else scaler.format
            pixels = written.width * written.height
            check_room(task.output, frames.path, frames.frame_estimate, pixels)
            engine = stoppable(lambda: timings.timed("load", networks.engine), stop)
            finder = stoppable(lambda: timings.timed("load", networks.finder), stop)
            running = time.perf_counter()

            def consume(pasted: PastedFrame) -> None:
                sink.push(pasted.frame)
                report.observe(pasted)
                if progress is not None:
                    elapsed = time.perf_counter() - running
                    progress(report.progress(frames.frame_estimate, elapsed, counted.count))

            finding = build_finding(config, finder, frames.info.picture.upright)
            run(
                counted,
                finding + build_restoring(config, engine, scaler),
                consume,
                capacity=config.pipeline.queue,
                stop=stop,
                timings=timings,
            )
            timings.timed("encode", sink.finish)
        for warning in (*frames.warnings, *sink.warnings, *engine.warnings()):
            report.warn(warning)
            _log.warning("%s", warning)
    done = report.finish(
        source=str(task.source),
        output=str(task.output),
        frames_in=counted.count,
        model=engine.model,
        settings=config.model_dump(),
        timing=timings.seconds,
        version=__version__,
        device=engine.device,
        precision=engine.precision,
        started=started,
        picture=frames.description,
        seconds=time.perf_counter() - begun,
        streams=sink.streams,
        damage=[*frames.damage.entries(), *sink.damage],
    )
    _log.info("%s: %d frames, %d faces restored", done.output, done.frames, done.faces)
    return done


class _Counted:
    """A source that knows how many of the file's frames it gave."""

    def __init__(self, frames: Source) -> None:
        self.count = 0
        self._frames = frames

    def __iter__(self) -> Iterator[Frame]:
        for frame in self._frames:
            # Two fields are one frame of the file.
            self.count += frame.field != "bottom"
            yield frame


@contextmanager
def _published(sink: Sink) -> Iterator[None]:
    """The time of a job; whatever the sink did not finish leaves nothing behind."""
    try:
        yield
    finally:
        sink.abort()
