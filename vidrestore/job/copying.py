"""A further copy of a result, encoded otherwise: its faces are restored already."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from vidrestore.build import build_scaler, build_sink, build_source
from vidrestore.config import Config
from vidrestore.errors import Interrupted
from vidrestore.report import Progress


def copy_as(
    source: Path,
    output: Path,
    config: Config,
    *,
    overwrite: bool,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> list[str]:
    """Encode a result once more, sound and all else with it; no network has a part in it.

    Args:
        source: the result; best a lossless one.
        output: the copy; appears only when whole.
        config: how it is encoded, its size, and what becomes of the other streams.
        overwrite: whether an existing file is replaced.
        progress: called after each frame.
        stop: set it from anywhere to end early.

    Returns:
        What could not be kept, a line each.

    Raises:
        VidrestoreError: a file cannot be read or written; nothing is left behind.
        Interrupted: ``stop`` was set.
    """
    begun, count = time.perf_counter(), 0
    # What was interlaced is not any more, or is to stay so.
    config = config.for_result(str(output)).with_options({"interlaced.mode": "never"})
    with closing(build_source(config, source, None, None, stop)) as frames:
        scaler = build_scaler(config, frames)
        sink = build_sink(config, frames, scaler, output, overwrite=overwrite)
        try:
            for frame in frames:
                if stop is not None and stop.is_set():
                    raise Interrupted("stopped before the end")
                sink.push(frame if scaler is None else scaler(frame))
                count += 1
                if progress is not None:
                    taken = time.perf_counter() - begun
                    total = frames.frame_estimate
                    progress(Progress(count, total, 0, taken, count, faceless=True))
            sink.finish()
        finally:
            sink.abort()
        return list(dict.fromkeys((*frames.warnings, *sink.warnings)))
