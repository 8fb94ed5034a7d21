"""Hypothesis strategies and makers of values that several tests share."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from vidrestore.datatypes import Face, Frame, FrameFormat, Look, Points

# An upright frontal face: eyes one unit apart, the mean of the landmarks at the origin.
UPRIGHT = np.array([(-0.5, -0.57), (0.5, -0.57), (0.0, 0.0), (-0.41, 0.57), (0.41, 0.57)])

TINY = FrameFormat(4, 2, "gray", layout="gray")
ROOM = FrameFormat(1280, 720, "gray", layout="gray")


def landmarks_at(x: float, y: float, size: float = 40.0, roll: float = 0.0) -> Points:
    """(5, 2) landmarks of a face around (x, y) whose eyes are ``size`` px apart."""
    turn = np.array([(np.cos(roll), np.sin(roll)), (-np.sin(roll), np.cos(roll))])
    return size * UPRIGHT @ turn + (x, y)


def face_at(x: float, y: float, size: float = 40.0, roll: float = 0.0, score: float = 0.9) -> Face:
    """A face with a box around its landmarks."""
    landmarks = landmarks_at(x, y, size, roll)
    box = np.concatenate([landmarks.min(axis=0) - size / 2, landmarks.max(axis=0) + size / 2])
    return Face(box, landmarks, score)


def empty_frame(index: int, rate: int = 25, fmt: FrameFormat = TINY) -> Frame:
    """A black frame at ``rate`` frames per second."""
    planes = tuple(np.zeros(shape, fmt.dtype) for shape in fmt.plane_shapes())
    for plane in planes:
        plane.flags.writeable = False
    return Frame(index, index * 1000 // rate, 1000 // rate, Fraction(1, 1000), planes, fmt)


def look_at(index: int, picture: np.ndarray) -> Look:
    """A frame with this reduced picture."""
    return Look(empty_frame(index), picture)


@st.composite
def landmarks(draw: st.DrawFn, span: float = 2000.0) -> Points:
    """Plausible landmarks anywhere in a frame of ``span`` px: rolled, stretched, each point off."""
    number = st.floats(-1, 1, allow_nan=False)
    x, y = draw(st.tuples(number, number))
    size = draw(st.floats(8.0, 400.0))
    points = landmarks_at(x * span, y * span, size, draw(number))
    noise = draw(st.lists(number, min_size=10, max_size=10))
    return points + 0.1 * size * np.array(noise).reshape(5, 2)


@st.composite
def faces(draw: st.DrawFn, span: float = 2000.0) -> Face:
    """A face with plausible landmarks, a box around them, and any score."""
    points = draw(landmarks(span))
    box = np.concatenate([points.min(axis=0), points.max(axis=0)])
    return Face(box, points, draw(st.floats(0, 1)))


@st.composite
def formats(draw: st.DrawFn, largest: int = 64) -> FrameFormat:
    """Any planar format: layouts, bit depths, subsamplings, odd sizes, ranges, matrices."""
    side = st.integers(1, largest)
    layout = draw(st.sampled_from(("yuv", "gray", "rgb")))
    shift = draw(st.sampled_from([(0, 0), (1, 0), (1, 1), (2, 0), (0, 1)]))
    return FrameFormat(
        draw(side),
        draw(side),
        pix_fmt="any",
        layout=layout,
        bits=draw(st.integers(8, 16)),
        chroma_shift=shift if layout == "yuv" else (0, 0),
        alpha=draw(st.booleans()),
        matrix=draw(st.sampled_from(("bt601", "bt709", "bt2020", "smpte240m", "fcc"))),
        full_range=draw(st.booleans()),
        chroma_location=draw(st.sampled_from(("left", "center", "topleft", "top"))),
    )


@st.composite
def frames(draw: st.DrawFn, largest: int = 64) -> Frame:
    """A frame of any planar format, its samples random over the whole code range."""
    fmt = draw(formats(largest))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    planes = tuple(
        rng.integers(0, 1 << fmt.bits, shape, dtype=fmt.dtype) for shape in fmt.plane_shapes()
    )
    for plane in planes:
        plane.flags.writeable = False
    return Frame(0, 0, 40, Fraction(1, 1000), planes, fmt)
