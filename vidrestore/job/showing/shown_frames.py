"""Frames as they are to be looked at, and those of several videos that belong together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np

from vidrestore.datatypes import Frame, Image
from vidrestore.detect.preview import reduced_rgb
from vidrestore.errors import InputError
from vidrestore.text.wording import clock
from vidrestore.video import VideoSource

# Containers round times: Matroska to whole milliseconds.
ROUNDING = Fraction(2, 1000)
# Pixels are no wider or taller than this: anamorphic film has 2.
_MOST_ASPECT = 4


@dataclass(frozen=True, slots=True, eq=False)
class ShownFrame:
    """A frame as it is shown.

    Attributes:
        frame: as it was decoded.
        time: seconds since the first frame.
        picture: (h, w, 3) uint8 RGB, upright.
    """

    frame: Frame
    time: Fraction
    picture: Image


def shown_frames(source: VideoSource) -> Iterator[ShownFrame]:
    """All frames of a source."""
    turns = source.info.picture.upright // 90
    first: Fraction | None = None
    for frame in source:
        time = frame.pts * frame.time_base
        first = time if first is None else first
        rgb = reduced_rgb(frame, (frame.format.width, frame.format.height))
        yield ShownFrame(frame, time - first, np.ascontiguousarray(np.rot90(rgb, turns)))


def square(source: VideoSource, picture: Image) -> Image:
    """An upright picture of a source, made wider if that gives it square pixels."""
    facts = source.info.picture
    aspect = facts.sample_aspect if facts.upright % 180 == 0 else 1 / facts.sample_aspect
    if aspect == 1 or not 1 / _MOST_ASPECT <= aspect <= _MOST_ASPECT:
        return picture
    rows, columns = picture.shape[:2]
    wider, taller = max(aspect, Fraction(1)), max(1 / aspect, Fraction(1))
    size = (round(columns * wider), round(rows * taller))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR))


def followed(
    leading: Iterator[ShownFrame], others: Sequence[Iterator[ShownFrame]]
) -> Iterator[tuple[ShownFrame, ...]]:
    """The frames that are on show together whenever the leading video has a new one.

    Args:
        leading: a video.
        others: videos with a frame at least at its beginning, at any rates.
    """
    following = [next(other, None) for other in others]
    shown: list[ShownFrame | None] = [None] * len(others)
    for sight in leading:
        for n, other in enumerate(others):
            due = following[n]
            while due is not None and due.time <= sight.time + ROUNDING:
                shown[n], due = due, next(other, None)
            following[n] = due
        yield sight, *(there for there in shown if there is not None)


def paired(
    one: Iterator[ShownFrame], other: Iterator[ShownFrame], names: tuple[str, str]
) -> Iterator[tuple[ShownFrame, ShownFrame]]:
    """The frames of two videos that have the same times.

    Raises:
        InputError: while iterating, if a frame of one has no counterpart in the other.
    """
    count = 0
    for first in one:
        second = next(other, None)
        if second is None:
            raise InputError(
                f"{names[1]} ends after {count} frames, where {names[0]} goes on at "
                f"{clock(float(first.time))}; compare videos with the same frames"
            )
        if abs(first.time - second.time) > ROUNDING:
            raise InputError(
                f"frame {count} is at {clock(float(first.time))} in {names[0]} and at "
                f"{clock(float(second.time))} in {names[1]}, counted from the first one; compare "
                "videos with the same frames"
            )
        yield first, second
        count += 1
    if (more := next(other, None)) is not None:
        raise InputError(
            f"{names[0]} ends after {count} frames, where {names[1]} goes on at "
            f"{clock(float(more.time))}; compare videos with the same frames"
        )
