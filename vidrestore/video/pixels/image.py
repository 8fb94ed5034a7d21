"""Between frames and images of RGB: what programs bring along, and what they are given."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from numbers import Rational, Real
from typing import Any, TypeAlias

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Frame, FrameFormat, Image
from vidrestore.errors import InputError
from vidrestore.picture import colour
from vidrestore.text.escaping import shown
from vidrestore.video.pixels.planes import Copier, views
from vidrestore.video.pixels.regrid import Regrid

DecodedFrame: TypeAlias = av.VideoFrame
_BYTE = 8

# Times are kept to the nanosecond.
_TIME_BASE = Fraction(1, 1_000_000_000)
_PIX_FMT = {np.dtype(np.uint8): "gbrp", np.dtype(np.uint16): "gbrp16le"}


def frame_from_rgb(image: Image, seconds: float | Fraction, *, index: int = 0) -> Frame:
    """An image as a frame: planes of its own, and a time.

    Args:
        image: (h, w, 3) RGB, uint8 or uint16 over the type's whole range; it is copied.
        seconds: presentation time, kept to the nanosecond.
        index: the frame's number, from 0.

    Raises:
        InputError: the image is of another shape or type, or the time is no number.
    """
    fmt = _rgb_format(index, image)
    if not isinstance(seconds, Real) or not math.isfinite(seconds):
        raise InputError(f"frame {index} is at {shown(seconds)} s; give each frame a time")
    planes = tuple(np.array(image[..., channel], order="C") for channel in (1, 2, 0))
    for plane in planes:
        plane.flags.writeable = False
    return Frame(index, round(_exact(seconds) / _TIME_BASE), 0, _TIME_BASE, planes, fmt)


def _exact(seconds: Real) -> Fraction:
    """A number of any kind, numpy's among them."""
    return Fraction(seconds) if isinstance(seconds, Rational) else Fraction(float(seconds))


def _rgb_format(index: int, image: Image) -> FrameFormat:
    """Planes of G, B and R, which hold what an image holds."""
    shape, dtype = np.shape(image), getattr(image, "dtype", type(image).__name__)
    if len(shape) != 3 or shape[2] != 3 or 0 in shape or dtype not in _PIX_FMT:
        raise InputError(f"frame {index} is {shape} {dtype}; give (h, w, 3) RGB as uint8 or uint16")
    height, width = shape[:2]
    return FrameFormat(
        width,
        height,
        _PIX_FMT[image.dtype],
        layout="rgb",
        bits=8 * image.dtype.itemsize,
        chroma_shift=(0, 0),
        full_range=True,
    )


def to_rgb(frame: Frame | DecodedFrame) -> Image:
    """The picture of a frame as an image, as the frame's own matrix, range and chroma place say.

    Args:
        frame: a frame of ``frame_from_rgb`` or of any other layout, or one of PyAV's, of which
            FFmpeg decides what its tags leave open.

    Returns:
        (h, w, 3) RGB, uint8 where a sample has 8 bits and uint16 over the type's whole range where
        it has more; opacity is left out. From ``frame_from_rgb`` exactly the image that was given.

    Raises:
        InputError: FFmpeg cannot make RGB of it.
    """
    if isinstance(frame, av.VideoFrame):
        return _decoded_image(frame)
    fmt = frame.format
    if fmt.layout == "rgb" and fmt.bits in {8, 16}:
        green, blue, red = frame.planes[:3]
        return np.stack((red, green, blue), axis=-1)
    levels = colour.to_rgb(_planes_of_one_size(frame), fmt)
    deep = fmt.bits > _BYTE
    image = np.rint(levels * 257 if deep else levels).clip(0, 65535 if deep else 255)
    return image.astype(np.uint16 if deep else np.uint8)


def _planes_of_one_size(frame: Frame) -> tuple[Image, ...]:
    fmt = frame.format
    if fmt.layout != "yuv" or fmt.chroma_shift == (0, 0):
        return frame.planes
    name = "yuv444p" if fmt.bits == _BYTE else f"yuv444p{fmt.bits}le"
    full = replace(fmt, pix_fmt=name, chroma_shift=(0, 0), alpha=False)
    picture = Copier().picture(frame)
    picture.pts, picture.time_base = frame.pts, frame.time_base
    return views(Regrid.samples(fmt, name)(picture), full)


def _decoded_image(frame: av.VideoFrame) -> NDArray[Any]:
    deep = max(part.bits for part in frame.format.components) > _BYTE
    try:
        pixels = frame.to_ndarray(format="rgb48le" if deep else "rgb24")
    except (av.error.FFmpegError, ValueError) as error:
        raise InputError(f"a {frame.format.name} frame cannot be made RGB: {error}") from error
    return np.asarray(pixels)


def frame_of(frame: av.VideoFrame, index: int) -> Frame:
    """A PyAV frame as a frame of RGB.

    Raises:
        InputError: it is no such frame, it has no time, or FFmpeg cannot make RGB of it.
    """
    if not isinstance(frame, av.VideoFrame):
        raise InputError(
            f"frame {index} is {shown(frame)}; give a pair of an image and its time in seconds, or "
            "a frame"
        )
    if frame.pts is None or not frame.time_base:
        raise InputError("a frame has no time; set its pts and time_base")
    seconds = frame.pts * Fraction(frame.time_base)
    return frame_from_rgb(_decoded_image(frame), seconds, index=index)
