"""YUV pictures in another pixel format of the same size, their colour kept in its place."""

from __future__ import annotations

from dataclasses import replace

import av
import numpy as np

from vidrestore.datatypes import FrameFormat
from vidrestore.video.pixels import planes
from vidrestore.video.pixels.graph import FilterChain

# Without these flags swscale's fast path moves chroma by half a pixel.
_FLAGS = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"


class Regrid:
    """Converts with swscale, which must be told where chroma sits, and handed even sizes.

    Of an odd size swscale takes the chroma plane, whose last samples cover half as much, for as
    wide as the luma plane: colour would drift by up to a pixel to the right and the bottom.

    Args:
        fmt: of the pictures.
        target: FFmpeg's name of the result's pixel format.
        settings: of FFmpeg's scale filter: ranges and matrices.
    """

    def __init__(self, fmt: FrameFormat, target: str, settings: str) -> None:
        location = fmt.chroma_location
        options = f"{settings}:in_chroma_loc={location}:out_chroma_loc={location}:flags={_FLAGS}"
        self._filters = [("scale", options), ("format", target)]
        self._fmt = fmt
        across, down = (1 << shift for shift in fmt.chroma_shift)
        size = -(-fmt.width // across) * across, -(-fmt.height // down) * down
        self._even = replace(fmt, width=size[0], height=size[1])
        self._chain: FilterChain | None = None
        self._exact: FilterChain | None = None

    @classmethod
    def samples(cls, fmt: FrameFormat, target: str) -> Regrid:
        """To another YUV format of the same range and matrix."""
        span = "full" if fmt.full_range else "limited"
        return cls(fmt, target, f"in_range={span}:out_range={span}")

    def __call__(self, picture: av.VideoFrame) -> av.VideoFrame:
        """The same picture; what is attached to it stays."""
        if self._chain is None:
            self._chain = FilterChain(picture, self._filters)
        (converted,) = self._chain.push(picture)
        if self._even != self._fmt:
            self._refill(converted, planes.enlarged(picture, self._fmt, self._even))
        converted.pts, converted.time_base = picture.pts, picture.time_base
        converted.duration, converted.pict_type = picture.duration, picture.pict_type
        return converted

    def _refill(self, converted: av.VideoFrame, even: av.VideoFrame) -> None:
        """Replace the samples by those of the picture of even size."""
        if self._exact is None:
            self._exact = FilterChain(even, self._filters)
        (exact,) = self._exact.push(even)
        alone = len(converted.planes) == 1
        deep = 1 if converted.format.components[0].bits == 8 else 2
        step = converted.format.padded_bits_per_pixel // 8 if alone else deep
        converted.make_writable()
        for source, target in zip(exact.planes, converted.planes, strict=True):
            samples, lines = (
                np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
                for plane in (source, target)
            )
            rows, length = target.height, target.width * step
            lines[:rows, :length] = samples[:rows, :length]
