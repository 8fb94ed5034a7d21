"""Between a frame's planes and the channels in which grain is independent: light and two of colour.

The planes of "yuv" and "gray" are such channels. Of "rgb" they are made: luma by BT.601, and what
blue and red have beyond it; else each plane's grain would be drawn by itself, and gray grain become
coloured.

Convention: channels are (h, w) float32 in levels of 0..255, code values of 8 bits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Frame, FrameFormat
from vidrestore.picture.luma import BT601

Float32 = NDArray[np.float32]
Window = tuple[slice, slice]

_RED, _GREEN, _BLUE = (np.float32(weight) for weight in BT601)


def window_of(fmt: FrameFormat, plane: int, bounds: tuple[int, int, int, int]) -> Window:
    """Rows and columns of a plane that hold luma samples x0, y0, x1, y1, the ends excluded."""
    sx, sy = fmt.chroma_shift if plane and fmt.layout == "yuv" else (0, 0)
    x0, y0, x1, y1 = bounds
    return slice(y0 >> sy, -(-y1 >> sy)), slice(x0 >> sx, -(-x1 >> sx))


def channels_of(
    frame: Frame, bounds: tuple[int, int, int, int], planes: int
) -> tuple[Float32, ...]:
    """The channels of a part of a frame.

    Args:
        frame: of any layout.
        bounds: x0, y0, x1, y1 of its luma samples, on the chroma grid.
        planes: how many of its planes are wanted, from the first; of "rgb" all.
    """
    fmt = frame.format
    parts = [
        frame.planes[plane][window_of(fmt, plane, bounds)].astype(np.float32)
        for plane in range(planes)
    ]
    return to_channels(parts, fmt)


def tone_of(luma: Float32, fmt: FrameFormat) -> Float32:
    """The first channel from black, 0, to white, 255, whatever the range of samples."""
    if fmt.full_range:
        return luma
    return np.asarray((luma - np.float32(16)) * np.float32(255 / 219), np.float32)


def to_channels(planes: Sequence[Float32], fmt: FrameFormat) -> tuple[Float32, ...]:
    """Channels of planes, or of what is added to them, in samples' units."""
    unit = np.float32(1 / (1 << (fmt.bits - 8)))
    scaled = [plane * unit for plane in planes]
    if fmt.layout != "rgb":
        return tuple(scaled)
    green, blue, red = scaled
    luma = _RED * red + _GREEN * green + _BLUE * blue
    return luma, blue - luma, red - luma


def to_planes(channels: Sequence[Float32], fmt: FrameFormat) -> tuple[Float32, ...]:
    """What is added to planes, in samples' units, for what is added to channels."""
    unit = np.float32(1 << (fmt.bits - 8))
    if fmt.layout != "rgb":
        return tuple(channel * unit for channel in channels)
    luma, blue, red = channels
    green = np.asarray(-(_RED * red + _BLUE * blue) / _GREEN, np.float32)
    return tuple((luma + beyond) * unit for beyond in (green, blue, red))
