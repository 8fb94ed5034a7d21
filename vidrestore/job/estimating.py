"""A dry run: what a job would take, from restoring its first seconds."""

from __future__ import annotations

import shutil
import tempfile
import threading
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from vidrestore.build import build_scaler, build_sink, build_source
from vidrestore.config import Config
from vidrestore.job.networks import Networks
from vidrestore.job.restoring import restore
from vidrestore.job.task import Task
from vidrestore.report import Estimate

# A dry run restores this much of the video to learn what the rest will take.
ESTIMATE_SECONDS = 2


def estimate(
    task: Task, config: Config, networks: Networks, *, stop: threading.Event | None = None
) -> Estimate:
    """Try the beginning of a task; arguments and errors are those of ``Session.estimate``."""
    output, start, end = task.place, task.start, task.end
    undivided = config.with_options({"job.segment": 0})
    with closing(build_source(config, task.source, start, end, stop)) as frames:
        total, duration = frames.frame_estimate, frames.duration
        warnings = (*config.warnings, *frames.warnings)
        # What a job would be refused for is refused here too; nothing is written.
        scaler = build_scaler(config, frames)
        build_sink(config, frames, scaler, task.output, overwrite=task.overwrite).abort()
        first = start or Fraction(0)
        piece_end = first + ESTIMATE_SECONDS if end is None else min(end, first + ESTIMATE_SECONDS)
        with tempfile.TemporaryDirectory(prefix="vidrestore-") as folder:
            # Numbered pictures are named by a pattern, which stays one.
            name = output.name if "%" in output.name else f"piece{output.suffix}"
            # Read where it lies now: a pipe gives what it holds only once.
            piece = replace(task, source=frames.path, output=Path(folder) / name, end=piece_end)
            done = restore(piece, undivided, networks, stop=stop)
            size = sum(entry.stat().st_size for entry in Path(folder).iterdir())
    frames_total = max(total or 0, done.frames)
    share = frames_total / max(done.frames, 1)
    loading = done.timing["load"]
    return Estimate(
        input=task.source_name,
        output=task.output_name,
        frames=frames_total,
        duration=done.duration if duration is None else float(duration),
        seconds=loading + (done.seconds - loading) * share,
        output_bytes=round(size * share),
        free_bytes=shutil.disk_usage(_existing(output.resolve().parent)).free,
        model=done.model.name,
        device=done.device,
        basis=f"the first {done.frames} frames, restored in {done.seconds:.1f} s",
        warnings=tuple(warnings),
    )


def _existing(folder: Path) -> Path:
    """The folder, or the one that it will be made in."""
    return folder if folder.exists() else folder.parent
