"""A frame of somebody else's decoder as an image."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeAlias

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from vidrestore.errors import InputError

DecodedFrame: TypeAlias = av.VideoFrame
_BYTE = 8


def image_of(frame: av.VideoFrame) -> tuple[NDArray[Any], Fraction]:
    """A PyAV frame as (h, w, 3) RGB, uint8 up to 8 bits a sample and uint16 above, and its seconds.

    Raises:
        InputError: it has no time, or FFmpeg cannot make RGB of it.
    """
    if frame.pts is None or not frame.time_base:
        raise InputError("a frame has no time; set its pts and time_base")
    deep = max(part.bits for part in frame.format.components) > _BYTE
    try:
        pixels = frame.to_ndarray(format="rgb48le" if deep else "rgb24")
    except (av.error.FFmpegError, ValueError) as error:
        raise InputError(f"a {frame.format.name} frame cannot be made RGB: {error}") from error
    return np.asarray(pixels), frame.pts * Fraction(frame.time_base)
