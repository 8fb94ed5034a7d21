"""What the command line and other programs call."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path

from vidrestore import __version__
from vidrestore.build import (
    build_engine,
    build_finding,
    build_restoring,
    given_engine,
)
from vidrestore.config import Config
from vidrestore.datatypes import Frame, PastedFrame, TrackedFrame
from vidrestore.errors import Interrupted
from vidrestore.pipeline import Timings, run
from vidrestore.report import (
    Estimate,
    Inspection,
    InspectionBuilder,
    Progress,
    Report,
    ReportBuilder,
)
from vidrestore.room import check_room
from vidrestore.stages import Detector, Restorer, Source
from vidrestore.stoppable import stoppable
from vidrestore.video import (
    PictureSink,
    Scaler,
    VideoSink,
    VideoSource,
    open_sink,
    scaler_for,
)

__all__ = ["Interrupted", "estimate", "inspect_video", "restore_video"]

# How long a sink that is just being opened is waited for when the job is to stop.
_TIDYING_SECONDS = 5.0
# A dry run restores this much of the video to learn what the rest will take.
ESTIMATE_SECONDS = 2


def restore_video(
    source: str | Path,
    output: str | Path,
    config: Config | None = None,
    *,
    start: Fraction | None = None,
    end: Fraction | None = None,
    overwrite: bool = False,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
    restorer: Restorer | None = None,
    detector: Detector | None = None,
) -> Report:
    """Restore the faces of a video.

    Args:
        source: the video; never written to.
        output: the result; appears under this name only when it is whole. A pattern such as
            "out/frame_%05d.png" asks for numbered pictures.
        config: all options; the defaults if None.
        start: restore from this time on, seconds of the source's clock; the result begins at 0.
        end: stop before this time.
        overwrite: replace an existing output.
        progress: called after each finished frame, in the encoder's thread.
        stop: set it from anywhere to end the job early.
        restorer: used in place of the model that the options name.
        detector: used in place of the detector that the options name.

    Returns:
        What was done.

    Raises:
        VidrestoreError: a problem of the caller's making, told in one line; nothing is left behind.
        Interrupted: ``stop`` was set; nothing is left behind.
    """
    config = config or Config()
    begun, started = time.perf_counter(), datetime.now(UTC)
    report, timings = ReportBuilder(), Timings()
    with closing(_opened(source, config, start, end, stop)) as frames:
        counted, scaler = _Counted(frames), _scaler(frames, config)
        # The sink comes before the model: it refuses what cannot work without any waiting.
        opened = stoppable(
            lambda: _sink(frames, output, config, scaler, overwrite),
            stop,
            discard=lambda sink: sink.abort(),
            grace=_TIDYING_SECONDS,
        )
        with _published(opened) as sink:
            written = frames.format if scaler is None else scaler.format
            pixels = written.width * written.height
            check_room(output, frames.path, frames.frame_estimate, pixels)
            if restorer is None:
                load = partial(timings.timed, "load", build_engine, config.restore)
                engine = stoppable(load, stop)
            else:
                engine = given_engine(restorer, config.restore)
            upright = frames.info.picture.upright
            find = partial(timings.timed, "load", build_finding, config, upright, detector)
            finding = stoppable(find, stop)
            running = time.perf_counter()

            def consume(pasted: PastedFrame) -> None:
                sink.push(pasted.frame)
                report.observe(pasted)
                if progress is not None:
                    elapsed = time.perf_counter() - running
                    progress(report.progress(frames.frame_estimate, elapsed, counted.count))

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
    return report.finish(
        source=str(source),
        output=str(output),
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


def _scaler(frames: VideoSource, config: Config) -> Scaler | None:
    """What brings frames to the size asked for."""
    turned = frames.info.picture.upright in {90, 270}
    return scaler_for(frames.format, config.output, turned=turned)


def _sink(
    frames: VideoSource, output: str | Path, config: Config, scaler: Scaler | None, overwrite: bool
) -> VideoSink | PictureSink:
    return open_sink(
        frames, output, config.encoder, config.output, overwrite=overwrite, scaler=scaler
    )


def _opened(
    source: str | Path,
    config: Config,
    start: Fraction | None,
    end: Fraction | None,
    stop: threading.Event | None,
) -> VideoSource:
    return VideoSource(
        source,
        start=start,
        end=end,
        interlaced=config.interlaced,
        config=config.input,
        stop=stop,
        strict=config.output.strict,
    )


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


def _existing(folder: Path) -> Path:
    """The folder, or the one that it will be made in."""
    return folder if folder.exists() else folder.parent


@contextmanager
def _published(sink: VideoSink | PictureSink) -> Iterator[VideoSink | PictureSink]:
    """The sink for the time of a job; whatever it did not finish leaves nothing behind."""
    try:
        yield sink
    finally:
        sink.abort()


def inspect_video(
    source: str | Path,
    config: Config | None = None,
    *,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
    detector: Detector | None = None,
) -> Inspection:
    """Tell what is in a video: streams, timing, cuts, faces and tracks; restores nothing.

    Raises:
        VidrestoreError: the file cannot be read.
        Interrupted: ``stop`` was set.
    """
    config = config or Config()
    inspection = InspectionBuilder()
    with closing(_opened(source, config, None, None, stop)) as frames:
        upright = frames.info.picture.upright
        finding = stoppable(lambda: build_finding(config, upright, detector), stop)
        running = time.perf_counter()

        def consume(tracked: TrackedFrame) -> None:
            inspection.observe(tracked)
            if progress is not None:
                elapsed = time.perf_counter() - running
                progress(inspection.progress(frames.frame_estimate, elapsed))

        run(frames, finding, consume, capacity=config.pipeline.queue, stop=stop)
        for warning in frames.warnings:
            inspection.warn(warning)
        return inspection.finish(
            source=str(source),
            media=frames.info.as_dict(),
            picture=frames.description,
            damage=frames.damage.entries(),
        )


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
    """Tell what a job would take, from restoring its first seconds into a temporary folder.

    What is spent once, such as loading the model, is counted once.

    Raises:
        VidrestoreError: the source cannot be read, or the job could not run as asked.
        Interrupted: ``stop`` was set.
    """
    output, config = Path(output), config or Config()
    with closing(_opened(source, config, start, end, stop)) as frames:
        total, duration, warnings = frames.frame_estimate, frames.duration, frames.warnings
        # What a job would be refused for is refused here too; nothing is written.
        _sink(frames, output, config, _scaler(frames, config), overwrite).abort()
        # Read where it lies now: a pipe gives what it holds only once.
        first = start or Fraction(0)
        piece_end = first + ESTIMATE_SECONDS if end is None else min(end, first + ESTIMATE_SECONDS)
        with tempfile.TemporaryDirectory(prefix="vidrestore-") as folder:
            # Numbered pictures are named by a pattern, which stays one.
            name = output.name if "%" in output.name else f"piece{output.suffix}"
            piece = Path(folder) / name
            done = restore_video(frames.path, piece, config, start=start, end=piece_end, stop=stop)
            size = sum(entry.stat().st_size for entry in Path(folder).iterdir())
    frames_total = max(total or 0, done.frames)
    share = frames_total / max(done.frames, 1)
    loading = done.timing["load"]
    return Estimate(
        input=str(source),
        output=str(output),
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
