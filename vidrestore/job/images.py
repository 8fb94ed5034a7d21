"""A job without files: images and their times in, restored ones out."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from vidrestore.build import build_finding, build_restoring, threads_for, use_threads
from vidrestore.config import Config
from vidrestore.datatypes import (
    Frame,
    FrameFormat,
    Image,
    LeftAlone,
    PastedFrame,
    Region,
    TrackedFace,
    TrackedFrame,
)
from vidrestore.errors import ConfigError, InputError
from vidrestore.job.networks import Networks
from vidrestore.pipeline import chain
from vidrestore.video import DecodedFrame, frame_from_rgb, frame_of, to_rgb

TimedImage = tuple[Image, float | Fraction]
"""(h, w, 3) RGB, uint8 or uint16 over the type's whole range, and its time in seconds."""
Given: TypeAlias = TimedImage | Frame | DecodedFrame
"""What is restored without a file: images of any maker, frames, or a decoder's own."""


@dataclass(frozen=True, slots=True, eq=False)
class RestoredImage:
    """A finished image and what is known of its faces.

    Attributes:
        index: position among the images of its call, from 0.
        seconds: its time as it was given, to the nanosecond.
        pixels: (h, w, 3) RGB of the type that was given. Outside ``regions`` the values are those
            that were given.
        faces: all that are tracked, in ascending order of track_id; each is in either ``regions``
            or ``left``.
        regions: where faces were written.
        left: which faces were left alone, and why.
    """

    index: int
    seconds: float
    pixels: Image
    faces: tuple[TrackedFace, ...]
    regions: tuple[Region, ...]
    left: tuple[LeftAlone, ...]


def restore_images(
    images: Iterable[Given], config: Config, networks: Networks
) -> Iterator[RestoredImage]:
    """Restore images; arguments and errors are those of ``Session.restore_frames``."""
    if config.output.scale != 1 or config.output.height is not None:
        raise ConfigError(
            "output.scale and output.height are for files; leave them out, and resize the frames "
            "that come back"
        )
    return _restored(images, config, networks)


def _restored(
    images: Iterable[Given], config: Config, networks: Networks
) -> Iterator[RestoredImage]:
    engine, finder = networks.engine(), networks.finder()
    use_threads(threads_for(config.restore, engine.device))
    finding = [stage for _, stages in build_finding(config, finder) for stage in stages]
    restoring = [stage for _, stages in build_restoring(config, engine) for stage in stages]
    # Of the frames under way; a finished one tells where faces were written, not where they are.
    faces: dict[int, tuple[TrackedFace, ...]] = {}

    def noted(items: Iterable[TrackedFrame]) -> Iterator[TrackedFrame]:
        for item in items:
            faces[item.frame.index] = item.faces
            yield item

    pasted: PastedFrame
    for pasted in chain(noted(chain(_frames(images), finding)), restoring):
        frame = pasted.frame
        yield RestoredImage(
            frame.index,
            frame.seconds,
            to_rgb(frame),
            faces.pop(frame.index),
            pasted.regions,
            pasted.left,
        )


def _frames(images: Iterable[Given]) -> Iterator[Frame]:
    """Frames of one format as the stages take them, counted, and their times growing."""
    first: Frame | None = None
    before: Fraction | float = -math.inf
    for index, given in enumerate(images):
        frame = _frame_of(given, index)
        fmt, first = frame.format, first or frame
        if fmt != first.format:
            raise InputError(
                f"frame {index} is {_described(fmt)}, those before it are "
                f"{_described(first.format)}; give each size a call of its own"
            )
        time = frame.pts * frame.time_base
        if time <= before:
            raise InputError(
                f"frame {index} is at {float(time):g} s, no later than the one before it; give "
                "frames in the order of their times"
            )
        before = time
        yield frame


def _frame_of(given: Given, index: int) -> Frame:
    # Copies: who gives an image may write the next one into it.
    if isinstance(given, Frame):
        return dataclasses.replace(given, index=index)
    if isinstance(given, tuple) and len(given) == 2:
        image, seconds = given
        return frame_from_rgb(image, seconds, index=index)
    return frame_of(given, index)


def _described(fmt: FrameFormat) -> str:
    return f"{fmt.width}x{fmt.height} of {fmt.bits} bits"
