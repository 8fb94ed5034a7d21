"""A job whose source is a photo: a plan of one frame, or of one for each page."""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from vidrestore import __version__
from vidrestore.build import (
    Engine,
    Worker,
    build_photo_finding,
    build_photo_restoring,
    build_photo_scaler,
    build_upscaler,
    threads_for,
    use_threads,
)
from vidrestore.config import Config
from vidrestore.datatypes import PastedFrame
from vidrestore.errors import ConfigError
from vidrestore.job.networks import Networks
from vidrestore.job.segments.plan import Plan, SourceIdentity
from vidrestore.job.task import Task
from vidrestore.pipeline import Timings, run
from vidrestore.report import Estimate, Facts, Progress, Report
from vidrestore.report.keeping import provenance
from vidrestore.report.keeping.fixity import InPassing, fixity
from vidrestore.report.keeping.xmp import marked
from vidrestore.runtime.stoppable import stoppable
from vidrestore.stills import (
    StillSink,
    StillSource,
    filled,
    is_still_file,
    is_still_name,
    read_mask,
)
from vidrestore.stills.source import Page
from vidrestore.video import WHOLE

_log = logging.getLogger(__name__)


def is_photo(task: Task) -> bool:
    """Whether a task is to make a photo of a photo."""
    source, output = task.source, task.output
    if not (isinstance(source, str | Path) and isinstance(output, str | Path)):
        return False  # open files hold videos
    return is_still_name(output) and is_still_file(source)


def restore_photo(
    task: Task,
    config: Config,
    networks: Networks,
    *,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Report:
    """Carry out a task; arguments and errors are those of ``Session.restore``."""
    begun, started = time.perf_counter(), datetime.now(UTC)
    _check(task)
    timings, facts = Timings(), Facts()
    with closing(StillSource(task.source_name, config.input)) as source:
        sink = StillSink(source, task.output_name, config.output, overwrite=task.overwrite)
        try:
            engine = stoppable(lambda: timings.timed("load", networks.engine), stop)
            finder = stoppable(lambda: timings.timed("load", networks.finder), stop)
            upscaler = timings.timed("load", build_upscaler, config)
            use_threads(threads_for(config.restore, engine.device))
            for number in range(source.pages):
                page = _without_damage(timings.timed("decode", source.page, number), config)
                scale = build_photo_scaler(config, page.frame.format, upscaler)
                workers = [
                    *build_photo_finding(config, finder),
                    *build_photo_restoring(config, engine, scale),
                ]
                pasted = _restored(page, workers, stop, timings, len(facts.track_ids()))
                if pasted.regions and sink.holds_xmp and config.output.provenance != "none":
                    page = _marked(page, engine)
                timings.timed("encode", sink.push, pasted.frame, page)
                facts.observe(pasted)
                if progress is not None:
                    elapsed = time.perf_counter() - begun
                    progress(facts.progress(source.pages, elapsed, number + 1))
            timings.timed("encode", sink.finish)
            passing = InPassing(source.path, config.output.checksum)
            hashes = fixity(passing, task.file, config.output.checksum)
        finally:
            sink.abort()
        for warning in dict.fromkeys((*source.warnings, *sink.warnings, *engine.warnings)):
            facts.warn(warning)
            _log.warning("%s", warning)
        return facts.finish(
            source=task.source_name,
            output=task.output_name,
            frames_in=source.pages,
            model=engine.model,
            inpainting=engine.painted_with,
            settings=config.model_dump(),
            timing=timings.seconds,
            version=__version__,
            device=engine.device,
            precision=engine.precision,
            started=started,
            picture=source.description,
            fixity=hashes,
            seconds=time.perf_counter() - begun,
        )


def _marked(page: Page, engine: Engine) -> Page:
    """A page that says what was done to it."""
    told = provenance.terms(engine.model, __version__, engine.painted_with)
    xmp = marked(page.metadata.xmp, told)
    return replace(page, metadata=replace(page.metadata, xmp=xmp))


def plan_of_photo(
    task: Task, config: Config, networks: Networks, *, stop: threading.Event | None = None
) -> Plan:
    """What ``restore_photo`` would do; arguments and errors are those of ``Session.plan``."""
    _check(task)
    with closing(StillSource(task.source_name, config.input)) as source:
        StillSink(source, task.output_name, config.output, overwrite=task.overwrite).abort()
        return Plan(
            source=SourceIdentity.of(source.path),
            start=None,
            end=None,
            settings=config.model_dump(mode="json"),
            models=stoppable(networks.engine, stop).hashes,
            version=__version__,
            first=Fraction(0),
            segments=(WHOLE,),
        )


def estimate_photo(
    task: Task, config: Config, networks: Networks, *, stop: threading.Event | None = None
) -> Estimate:
    """What a task would take, from doing it; arguments and errors are ``Session.estimate``'s."""
    _check(task)
    output = task.place
    with closing(StillSource(task.source_name, config.input)) as source:
        StillSink(source, output, config.output, overwrite=task.overwrite).abort()
    with tempfile.TemporaryDirectory(prefix="vidrestore-") as folder:
        piece = replace(task, output=Path(folder) / f"photo{output.suffix}")
        done = restore_photo(piece, config, networks, stop=stop)
        length = piece.place.stat().st_size
    return Estimate(
        input=task.source_name,
        output=str(output),
        frames=done.frames,
        duration=0.0,
        seconds=done.seconds,
        output_bytes=length,
        free_bytes=shutil.disk_usage(output.resolve().parent).free,
        model=done.model.name,
        device=done.device,
        basis=f"the photo, restored into a temporary folder in {done.seconds:.1f} s",
        warnings=done.warnings,
    )


def _check(task: Task) -> None:
    if task.start is not None or task.end is not None:
        raise ConfigError(f"{task.source} is a photo, which has no times; leave out start and end")
    if task.copies:
        raise ConfigError(
            f"{task.source} is a photo, and copies are made of videos alone; restore it once more"
        )


def _without_damage(page: Page, config: Config) -> Page:
    """The page, what its mask covers filled in."""
    if config.input.mask is None:
        return page
    fmt = page.frame.format
    mask = read_mask(config.input.mask, config.input, fmt.width, fmt.height)
    return replace(page, frame=filled(page.frame, mask))


def _restored(
    page: Page,
    workers: list[Worker],
    stop: threading.Event | None,
    timings: Timings,
    known: int,
) -> PastedFrame:
    """A page with its faces, which are numbered on from those that are known."""
    done: list[PastedFrame] = []
    run([page.frame], workers, done.append, capacity=1, stop=stop, timings=timings)
    (pasted,) = done
    return replace(
        pasted,
        regions=tuple(replace(r, track_id=r.track_id + known) for r in pasted.regions),
        left=tuple(replace(each, track_id=each.track_id + known) for each in pasted.left),
    )
