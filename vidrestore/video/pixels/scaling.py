"""Frames at another size, by swscale's Lanczos filter."""

from __future__ import annotations

from dataclasses import replace

import av

from vidrestore.config import OutputConfig
from vidrestore.datatypes import Frame, FrameFormat
from vidrestore.errors import ConfigError
from vidrestore.video.pixels import planes
from vidrestore.video.pixels.graph import FilterChain

_LARGEST = 16_384  # px, what encoders take
_FLAGS = "lanczos+accurate_rnd+full_chroma_int"


class Scaler:
    """Makes frames larger; pixel format, colour and side data stay.

    Args:
        fmt: of the frames.
        size: (width, height) of the result.

    Attributes:
        format: of the result.
    """

    def __init__(self, fmt: FrameFormat, size: tuple[int, int]) -> None:
        width, height = size
        self.format = replace(fmt, width=width, height=height)
        self._chain: FilterChain | None = None
        self._copier = planes.Copier()

    def __call__(self, frame: Frame, /) -> Frame:
        """The same moment at the other size.

        Raises:
            ConfigError: if frames of this format cannot be scaled.
        """
        picture = self._copier.picture(frame) if frame.touched else frame.handle
        assert isinstance(picture, av.VideoFrame)
        if self._chain is None:
            size = f"{self.format.width}:{self.format.height}"
            # Told on both sides: swscale would take chroma for centred and move it.
            location = self.format.chroma_location
            sited = f"in_chroma_loc={location}:out_chroma_loc={location}"
            self._chain = FilterChain(picture, [("scale", f"{size}:flags={_FLAGS}:{sited}")])
        (scaled,) = self._chain.push(picture)
        if scaled.format.name != frame.format.pix_fmt:
            raise ConfigError(f"{frame.format.pix_fmt} video cannot be scaled; leave out output.*")
        return replace(
            frame,
            planes=planes.views(scaled, self.format),
            format=self.format,
            handle=scaled,
            touched=False,
        )


def scaler_for(fmt: FrameFormat, config: OutputConfig, *, turned: bool) -> Scaler | None:
    """What the options ask for; None where frames keep their size.

    Args:
        fmt: of the frames.
        config: the size asked for.
        turned: whether players turn the picture by 90 degrees, so that its height as shown is the
            stored width.

    Raises:
        ConfigError: if the result would be too large.
    """
    shown = fmt.width if turned else fmt.height
    factor = config.scale if config.height is None else config.height / shown
    if factor == 1.0:
        return None
    # Subsampled chroma wants even sizes; others take any.
    size = [
        max(1, round(length * factor / step)) * step
        for length, step in zip(
            (fmt.width, fmt.height), [1 << shift for shift in fmt.chroma_shift], strict=True
        )
    ]
    if max(size) > _LARGEST:
        raise ConfigError(
            f"{size[0]}x{size[1]} is too large a picture; choose a smaller output.scale or "
            "output.height"
        )
    return Scaler(fmt, (size[0], size[1]))
