"""Comparing two videos frame by frame."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from vidrestore.build import build_source
from vidrestore.config import Config
from vidrestore.errors import InputError, Interrupted
from vidrestore.job.showing.difference import Difference
from vidrestore.job.showing.page import Page
from vidrestore.job.showing.panels import Layout
from vidrestore.job.showing.shown_frames import ShownFrame, paired, shown_frames
from vidrestore.measure.quality import SSIM_WINDOW
from vidrestore.report import Comparison, Progress
from vidrestore.video import PlainVideo, VideoSource


def compare(
    reference: str | Path,
    output: str | Path,
    config: Config,
    *,
    video: str | Path | None = None,
    layout: Layout = "side",
    overwrite: bool = False,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Comparison:
    """Compare two videos; arguments and errors are those of ``api.compare_videos``."""
    begun = time.perf_counter()
    with ExitStack() as stack:
        one = stack.enter_context(closing(build_source(config, reference, None, None, stop)))
        other = stack.enter_context(closing(build_source(config, output, None, None, stop)))
        names = str(reference), str(output)
        pairs = _alike(paired(shown_frames(one), shown_frames(other), names), names)
        difference, page, shown, last = Difference(), None, None, 0.0
        if video is not None:
            shown = _opened(video, one, other, overwrite=overwrite)
            stack.enter_context(closing(shown))
            page = Page(shown, [Path(name).name for name in names], layout)
        for pair in pairs:
            if stop is not None and stop.is_set():
                raise Interrupted("stopped before the end")
            first, second = pair
            last = float(first.time)
            difference.observe(first.picture, second.picture, last)
            if page is not None:
                page.show((one, other), pair, first.time)
            if progress is not None:
                taken = time.perf_counter() - begun
                total = one.frame_estimate
                progress(Progress(difference.frames, total, 0, taken, faceless=True))
        if shown is not None:
            shown.finish()
        assert difference.worst is not None, "a source without frames is refused"
        height, width = first.picture.shape[:2]
        return Comparison(
            reference=names[0],
            output=names[1],
            width=width,
            height=height,
            frames=difference.frames,
            duration=last,
            equal_frames=difference.equal,
            psnr=difference.psnr,
            ssim=difference.ssim,
            worst=difference.worst,
            changed=difference.changed,
            flicker=difference.flicker,
            video=None if video is None else str(video),
            seconds=time.perf_counter() - begun,
            warnings=(*one.warnings, *other.warnings),
        )


def _opened(
    video: str | Path, one: VideoSource, other: VideoSource, *, overwrite: bool
) -> PlainVideo:
    """The video that shows both; it replaces neither."""
    PlainVideo(video, other.path, overwrite=overwrite).close()  # refused if it is that one
    return PlainVideo(video, one.path, colour=one.info.picture.colour, overwrite=overwrite)


def _alike(
    pairs: Iterator[tuple[ShownFrame, ShownFrame]], names: tuple[str, str]
) -> Iterator[tuple[ShownFrame, ShownFrame]]:
    """Pairs of pictures that can be compared.

    Raises:
        InputError: they differ in size, or are too small.
    """
    for first, second in pairs:
        sizes = [f"{s.picture.shape[1]}x{s.picture.shape[0]}" for s in (first, second)]
        if sizes[0] != sizes[1]:
            raise InputError(
                f"{names[0]} is {sizes[0]} and {names[1]} is {sizes[1]}; compare videos of one size"
            )
        if min(first.picture.shape[:2]) < SSIM_WINDOW:
            raise InputError(
                f"{names[0]} is {sizes[0]}; pictures are compared from {SSIM_WINDOW} px a side on"
            )
        yield first, second
