"""The reduced picture that cuts, detection and propagation look at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Frame, FrameFormat, Image, Look
from vidrestore.picture.colour import chroma_from_luma, rgb_from_samples
from vidrestore.picture.resample import compose

# From this reduction on a plane is averaged; below, linear interpolation loses nothing.
AVERAGE_FROM = 2.0


class Preview:
    """Reduces each frame to a small RGB picture; a ``Stage[Frame, Look]`` without memory.

    Convention: a frame's point f lies at ``p = (f + 0.5) * scale - 0.5`` in the picture, with
    ``Look.scale``. Planes are reduced before they are converted, each at its own bit depth.

    Args:
        max_side: longest side of the picture, px; smaller frames keep their size.
    """

    latency: Final = 0
    memory: Final = 0

    def __init__(self, max_side: int) -> None:
        if max_side < 1:
            raise ValueError(f"max_side is {max_side}; at least 1 is needed")
        self._max_side = max_side

    def push(self, item: Frame, /) -> Iterable[Look]:
        """One look per frame; the shot's start is for a later stage to tell."""
        return (Look(item, reduced_rgb(item, preview_size(item.format, self._max_side))),)

    def flush(self) -> Iterable[Look]:
        """Nothing is held."""
        return ()


def preview_size(fmt: FrameFormat, max_side: int) -> tuple[int, int]:
    """(width, height) px of the reduced picture of frames of a format."""
    scale = min(1.0, max_side / max(fmt.width, fmt.height))
    return max(1, round(fmt.width * scale)), max(1, round(fmt.height * scale))


def reduced_rgb(frame: Frame, size: tuple[int, int]) -> Image:
    """The whole frame as RGB at another size.

    Args:
        frame: any planar format.
        size: (width, height) of the result, px; not larger than the frame.

    Returns:
        (height, width, 3) uint8 RGB, rounded and clipped, transfer function as in the video.
    """
    fmt = frame.format
    luma = [_averaged(frame.planes[0], size)]
    if fmt.layout == "gray":
        channels = luma * 3
    elif fmt.layout == "rgb":
        green, blue, red = (_averaged(plane, size) for plane in frame.planes[:3])
        channels = [red, green, blue]
    else:
        channels = luma + [_chroma(plane, fmt, size) for plane in frame.planes[1:3]]
    gain, offset = rgb_from_samples(fmt)
    samples = cv2.merge(channels)
    if fmt.bits > 8:
        samples = samples.astype(np.float32)
    rgb = cv2.transform(samples, np.column_stack([gain, offset]))
    if rgb.dtype != np.uint8:
        rgb = np.clip(np.rint(rgb), 0, 255).astype(np.uint8)
    return rgb


def _averaged(plane: Image, size: tuple[int, int]) -> Image:
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA)


def _chroma(plane: Image, fmt: FrameFormat, size: tuple[int, int]) -> Image:
    """A chroma plane at the picture's size, its samples where the format says they sit."""
    steps = np.array([1 << shift for shift in fmt.chroma_shift], np.float64)
    luma_size = np.array([fmt.width, fmt.height], np.float64)
    reduction = luma_size / size / steps
    if (reduction >= AVERAGE_FROM).all():
        # Siting and the rounding up of odd sizes move chroma by under an eighth of a pixel here.
        return _averaged(plane, size)
    scale: NDArray[np.float64] = luma_size / size
    luma_from_picture = np.column_stack([np.diag(scale), 0.5 * scale - 0.5])
    chroma_from_picture = compose(chroma_from_luma(fmt), luma_from_picture)
    return cv2.warpAffine(
        plane,
        chroma_from_picture,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
