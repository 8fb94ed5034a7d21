"""A job: from a video to a restored one."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from vidrestore import __version__
from vidrestore.build import Engine, build_scaler, build_source, threads_for, use_threads
from vidrestore.config import Config
from vidrestore.datatypes import PictureFacts
from vidrestore.errors import OutputError
from vidrestore.job.attached import AttachedReport
from vidrestore.job.networks import Networks
from vidrestore.job.results import Results
from vidrestore.job.segments.divided import Divided
from vidrestore.job.segments.journal import folder_of
from vidrestore.job.segments.plan import Plan
from vidrestore.job.segments.planning import fixed, plan
from vidrestore.job.segments.running import Work
from vidrestore.job.segments.store import MakeStore, Store
from vidrestore.job.task import Task
from vidrestore.pipeline import Timings
from vidrestore.report import CopyMade, Fixity, Phase, Progress, Report
from vidrestore.report.keeping import provenance
from vidrestore.report.keeping.fixity import InPassing, fixity
from vidrestore.runtime.stoppable import stoppable
from vidrestore.stages import Sink
from vidrestore.video import LiveSink, VideoSource
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
    pause: threading.Event | None = None,
    make_store: MakeStore = Store,
) -> Report:
    """Carry out a task; arguments and errors are those of ``Session.restore``.

    ``make_store`` makes what keeps the parts of a divided job.
    """
    begun, started = time.perf_counter(), datetime.now(UTC)
    loading, checksum = Timings(), config.output.checksum
    config = config.for_result(task.output_name)
    task = replace(task, copies=tuple(copy.encoded_as(config) for copy in task.copies))

    def announce(phase: Phase, done: int = 0) -> None:
        if progress is not None:
            progress(Progress(done, done or None, 0, 0.0, phase=phase))

    announce("opening")
    with (
        closing(build_source(config, task.source, task.start, task.end, stop)) as frames,
        closing(InPassing(frames.path, checksum)) as source,
    ):
        scaler = build_scaler(config, frames)
        # The sink comes before the model: it refuses what cannot work without any waiting.
        results = stoppable(
            lambda: Results(task, config, frames, scaler),
            stop,
            discard=lambda results: results.abort(),
            grace=_TIDYING_SECONDS,
        )
        sink = results.first
        with _published(results):
            written = frames.format if scaler is None else scaler.format
            pixels = written.width * written.height
            _check_room(task, frames, pixels, live=isinstance(sink, LiveSink))
            announce("loading")
            engine = stoppable(lambda: loading.timed("load", networks.engine), stop)
            finder = stoppable(lambda: loading.timed("load", networks.finder), stop)
            attached = AttachedReport(config, frames.frame_estimate, stop=stop)
            _mark(results, config, engine, attached.room)
            progress = _followed(source, progress)
            made = plan(
                task,
                config,
                frames,
                engine.hashes,
                divisible=results.divisible,
                stop=stop,
            )
            if len(made.segments) > 1:
                _check_room(task, frames, pixels, parts=len(results.all))
                config = fixed(config)
                work = Work(config, frames, scaler, engine, finder, stop=stop)
                store = make_store(folder_of(task.place))
                job = Divided(task, config, made, store, alone=networks.given, pause=pause)
                done = job.restore(work, results.videos, progress)
            else:
                store = None
                use_threads(threads_for(config.restore, engine.device))
                work = Work(config, frames, scaler, engine, finder, stop=stop)
                done = work.whole(results, progress)
            announce("writing", done.facts.frames)

            def report_with(hashes: Fixity | None, copies: Sequence[CopyMade]) -> Report:
                return done.facts.finish(
                    source=task.source_name,
                    output=task.output_name,
                    frames_in=done.frames,
                    model=engine.model,
                    inpainting=engine.painted_with,
                    settings=config.model_dump(),
                    timing={**loading.seconds, **done.timings.seconds},
                    version=__version__,
                    device=engine.device,
                    precision=engine.precision,
                    started=started,
                    picture=_described(frames, made.first),
                    seconds=time.perf_counter() - begun,
                    streams=sink.streams,
                    damage=[*frames.damage, *sink.damage],
                    resumed=done.resumed,
                    fixity=hashes,
                    start=task.start,
                    end=task.end,
                    copies=copies,
                )

            def report_within(digest: str | None) -> Report:
                return report_with(fixity(source, None, checksum, digest), results.made(None))

            attached.put(sink, report_within)
            done.timings.timed("encode", results.finish)
            hashes = loading.timed(
                "hash", lambda: fixity(source, task.file, checksum, attached.digest)
            )
            algorithm = None if checksum == "none" else checksum
            copies = loading.timed("hash", lambda: results.made(algorithm))
        left = [] if store is None or task.keep_parts else _cleared(store)
        warnings = (*config.warnings, *frames.warnings, *sink.warnings, *done.warnings)
        for warning in dict.fromkeys((*warnings, *attached.warnings, *left)):
            done.facts.warn(warning)
            _log.warning("%s", warning)
    report = report_with(hashes, copies)
    _log.info("%s: %d frames, %d faces restored", report.output, report.frames, report.faces)
    return report


def _check_room(
    task: Task, frames: VideoSource, pixels: int, *, live: bool = False, parts: int = 0
) -> None:
    """Refuse a job that cannot fit where its results lie; what goes out at once lies nowhere."""
    results = [*([] if live else [task.place]), *(copy.output for copy in task.copies)]
    # Parts lie beside the result, those of copies too.
    places = [*results, *[task.place] * parts]
    folders = Counter(Path(os.path.realpath(place)).parent for place in places)
    for folder, number in folders.items():
        check_room(folder, frames.path, frames.frame_estimate, pixels, number)


def _mark(results: Results, config: Config, engine: Engine, room: int) -> None:
    """Have results say what restores their faces, and keep room for the report in the first."""
    known = provenance.tags(engine.model, __version__, engine.painted_with)
    tags = known if config.paste.strength > 0 else {}
    for result in results.all:
        said = {} if result.config.output.provenance == "none" else tags
        kept = room if result.sink is results.first else 0
        if said or kept:
            result.sink.mark(said, kept)


def _followed(
    source: InPassing, progress: Callable[[Progress], None] | None
) -> Callable[[Progress], None]:
    """Progress that tells how far the source has been read, too."""

    def report(now: Progress) -> None:
        source.follow(max(now.frames_taken, now.frames_done), now.frames_total)
        if progress is not None:
            progress(now)

    return report


def plan_of(
    task: Task, config: Config, networks: Networks, *, stop: threading.Event | None = None
) -> Plan:
    """What ``restore`` would do; arguments and errors are those of ``Session.plan``."""
    config = config.for_result(task.output_name)
    with closing(build_source(config, task.source, task.start, task.end, stop)) as frames:
        scaler = build_scaler(config, frames)
        results = Results(task, config, frames, scaler)
        results.abort()
        models = stoppable(networks.engine, stop).hashes
        divisible = results.divisible
        return plan(task, config, frames, models, divisible=divisible, stop=stop)


def _described(frames: VideoSource, first: Fraction) -> PictureFacts:
    """How the source is understood, and where in it the job begins."""
    facts = frames.description
    if rate := frames.delivered.picture.rate:
        facts = {**facts, "source_frame": max(0, round((first - frames.info.start) * rate))}
    return facts


def _cleared(store: Store) -> list[str]:
    """Remove the parts of a whole result; give a line where the system does not let go of them."""
    try:
        store.clear()
    except OutputError as error:
        return [str(error)]
    return []


@contextmanager
def _published(sink: Sink) -> Iterator[None]:
    """The time of a job; whatever the sink did not finish leaves nothing behind."""
    try:
        yield
    finally:
        sink.abort()
