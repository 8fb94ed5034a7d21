"""A job without files: images and their times in, restored ones out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from vidrestore.build import build_finding, build_restoring
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
from vidrestore.video import DecodedFrame, image_of

TimedImage = tuple[Image, float | Fraction]
"""(h, w, 3) RGB, uint8 or uint16 over the type's whole range, and its time in seconds."""
Given: TypeAlias = TimedImage | DecodedFrame
"""What is restored without a file: images of any maker, or a decoder's own frames."""

# Times are kept to the nanosecond.
_TIME_BASE = Fraction(1, 1_000_000_000)
_PIX_FMT = {np.dtype(np.uint8): "gbrp", np.dtype(np.uint16): "gbrp16le"}


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
            _pixels(frame),
            faces.pop(frame.index),
            pasted.regions,
            pasted.left,
        )


def _frames(images: Iterable[Given]) -> Iterator[Frame]:
    """Images as the stages take them: planes of their own, and times that grow."""
    fmt, before = None, -math.inf
    for index, given in enumerate(images):
        pixels, seconds = given if isinstance(given, tuple) else image_of(given)
        found = _format_of(index, pixels)
        fmt = fmt or found
        if found != fmt:
            raise InputError(
                f"frame {index} is {found.width}x{found.height} of {found.bits} bits, those before "
                f"it are {fmt.width}x{fmt.height} of {fmt.bits}; give each size a call of its own"
            )
        if not math.isfinite(seconds):
            raise InputError(f"frame {index} is at {seconds} s; give each frame a time")
        pts = round(Fraction(seconds) / _TIME_BASE)
        if pts <= before:
            raise InputError(
                f"frame {index} is at {float(seconds):g} s, no later than the one before it; give "
                "frames in the order of their times"
            )
        before = pts
        # Copies: who gives an image may write the next one into it.
        planes = tuple(np.array(pixels[..., channel], order="C") for channel in (1, 2, 0))
        for plane in planes:
            plane.flags.writeable = False
        yield Frame(index, pts, 0, _TIME_BASE, planes, fmt)


def _format_of(index: int, pixels: Image) -> FrameFormat:
    """Planes of G, B and R, which hold what an image holds."""
    shape, dtype = np.shape(pixels), getattr(pixels, "dtype", type(pixels).__name__)
    if len(shape) != 3 or shape[2] != 3 or 0 in shape or dtype not in _PIX_FMT:
        raise InputError(f"frame {index} is {shape} {dtype}; give (h, w, 3) RGB as uint8 or uint16")
    height, width = shape[:2]
    return FrameFormat(
        width,
        height,
        _PIX_FMT[pixels.dtype],
        layout="rgb",
        bits=8 * pixels.dtype.itemsize,
        chroma_shift=(0, 0),
        full_range=True,
    )


def _pixels(frame: Frame) -> Image:
    green, blue, red = frame.planes
    return np.stack((red, green, blue), axis=-1)
