"""What the command line and other programs call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vidrestore.config import Config
from vidrestore.errors import Interrupted
from vidrestore.job.images import RestoredImage
from vidrestore.job.segments.cleaning import Left, find_left, remove_left
from vidrestore.job.segments.plan import Plan
from vidrestore.job.session import Session
from vidrestore.job.showing.comparing import compare
from vidrestore.job.showing.panels import Layout
from vidrestore.job.task import Output, Settings, Source
from vidrestore.job.verifying.verify import Verifying
from vidrestore.report import Comparison, Estimate, Inspection, Progress, Report
from vidrestore.report.verified import Verified
from vidrestore.stages import Detector, Restorer
from vidrestore.text.wording import Time
from vidrestore.video import frame_from_rgb, to_rgb

__all__ = [
    "Interrupted",
    "Left",
    "Plan",
    "RestoredImage",
    "Session",
    "compare_videos",
    "convert_weights",
    "describe_weights",
    "estimate",
    "find_left",
    "frame_from_rgb",
    "inspect_video",
    "remove_left",
    "restore_video",
    "to_rgb",
    "verify_report",
]


def restore_video(
    source: Source,
    output: Output,
    config: Settings = None,
    *,
    start: Time | None = None,
    end: Time | None = None,
    overwrite: bool = False,
    jobs: int = 1,
    restart: bool = False,
    keep_parts: bool = False,
    copies: Mapping[str | Path, Settings] | None = None,
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
            copies=copies,
            progress=progress,
            stop=stop,
        )


def inspect_video(
    source: Source,
    config: Settings = None,
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
    source: Source,
    output: Output,
    config: Settings = None,
    *,
    start: Time | None = None,
    end: Time | None = None,
    overwrite: bool = False,
    copies: Mapping[str | Path, Settings] | None = None,
    stop: threading.Event | None = None,
) -> Estimate:
    """Tell what a job would take, in a session for this job alone.

    Arguments, result and errors are those of :class:`Session` and :meth:`Session.estimate`.
    """
    with Session(config) as session:
        return session.estimate(
            source, output, start=start, end=end, overwrite=overwrite, copies=copies, stop=stop
        )


def compare_videos(
    reference: str | Path,
    output: str | Path,
    config: Settings = None,
    *,
    video: str | Path | None = None,
    layout: Layout = "side",
    overwrite: bool = False,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Comparison:
    """Measure how a video differs from another one with the same frames.

    Frames belong together by their times, counted from the first one of each.

    Args:
        reference: a video.
        output: another one.
        config: ``input`` and ``interlaced`` say how both are read.
        video: where to write a video that shows both; None for nowhere.
        layout: whole pictures side by side, or one that is split between them.
        overwrite: replace an existing video.
        progress: called after each frame.
        stop: set it from anywhere to end early.

    Raises:
        VidrestoreError: either cannot be read, they differ in size or in their frames' times, or
            the video cannot be written; nothing is left behind.
        Interrupted: ``stop`` was set.
    """
    return compare(
        reference,
        output,
        Config.of(config),
        video=video,
        layout=layout,
        overwrite=overwrite,
        progress=progress,
        stop=stop,
    )


def verify_report(
    report: str | Path,
    *,
    again: bool = False,
    source: Path | None = None,
    output: Path | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Verified:
    """Tell whether a finished job's files are what its report says.

    The report's seal, the hashes of source, result and model, and whether any sample outside the
    faces differs, which a lossless result proves or disproves.

    Args:
        report: a file that ``write_json`` wrote of a :class:`Report`.
        again: whether to restore anew, into a temporary folder, and compare frame by frame.
        source: the source, if it lies elsewhere than the report says.
        output: likewise the result.
        options: by dotted name, in place of the report's, such as ``{"restore.model": "x.pth"}``: a
            report is taken for a stranger's, and names no program and no weights to open.
        progress: called after each frame that is restored anew.
        stop: set it from anywhere to end early.

    Raises:
        InputError: the file is no report.
        Interrupted: ``stop`` was set.
    """
    verifying = Verifying(Path(report), options or {}, source=source, output=output, stop=stop)
    return verifying.verify(again=again, progress=progress)


def convert_weights(
    source: str | Path, output: str | Path, *, half: bool = False, overwrite: bool = False
) -> int:
    """Write the network of a weight file as safetensors, which can hold no code.

    Args:
        source: a .pth, .pt or .safetensors file, or a GPEN as .onnx.
        output: ends in .safetensors; appears only when whole.
        half: store float16, which halves the file.
        overwrite: replace an existing output.

    Returns:
        How many tensors were written.

    Raises:
        ModelError: the source is refused, or holds no network that is known.
        OutputError: the output exists, or cannot be written.
    """
    from vidrestore.restore.convert import convert  # noqa: PLC0415 - jobs load torch when needed

    return convert(Path(source), Path(output), half=half, overwrite=overwrite)


def describe_weights(path: str | Path) -> Iterator[tuple[str, str]]:
    """What a weight file holds, as names and values to show; no code in it is ever run.

    Raises:
        ModelError: the file cannot be opened, or is damaged, or of no known format.
    """
    from vidrestore.restore.describe import facts  # noqa: PLC0415 - jobs load torch when needed

    return facts(Path(path))
