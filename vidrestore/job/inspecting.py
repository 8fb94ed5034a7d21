"""A job that only looks: what is in a video."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing

from vidrestore.build import build_finding, build_source
from vidrestore.config import Config
from vidrestore.datatypes import TrackedFrame
from vidrestore.job.networks import Networks
from vidrestore.job.task import Source, name_of_file
from vidrestore.pipeline import run
from vidrestore.report import Inspection, InspectionBuilder, Progress
from vidrestore.runtime.stoppable import stoppable


def inspect(
    source: Source,
    config: Config,
    networks: Networks,
    *,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Inspection:
    """Look through a video; arguments and errors are those of ``Session.inspect``."""
    inspection = InspectionBuilder()
    with closing(build_source(config, source, None, None, stop)) as frames:
        finder = stoppable(networks.finder, stop)
        running = time.perf_counter()

        def consume(tracked: TrackedFrame) -> None:
            inspection.observe(tracked)
            if progress is not None:
                elapsed = time.perf_counter() - running
                progress(inspection.progress(frames.frame_estimate, elapsed))

        finding = build_finding(config, finder, frames.info.picture.upright)
        run(frames, finding, consume, capacity=config.pipeline.queue, stop=stop)
        for warning in frames.warnings:
            inspection.warn(warning)
        return inspection.finish(
            source=name_of_file(source),
            media=frames.info.as_dict(),
            picture=frames.description,
            damage=frames.damage,
        )
