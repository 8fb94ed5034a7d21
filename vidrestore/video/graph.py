"""A chain of libavfilter filters: pictures in, pictures out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import av
import av.error
from av.filter import Graph


class FilterChain:
    """Filters one after the other, for pictures like the first one.

    Args:
        picture: tells size, pixel format and colour; every later one must be alike.
        filters: (name, arguments) of each.
        time_base: of the pictures' time stamps.
        rate: frames per second, for filters that insist on knowing.
    """

    def __init__(
        self,
        picture: av.VideoFrame,
        filters: Sequence[tuple[str, str]],
        time_base: Fraction = Fraction(1, 1000),
        rate: Fraction | None = None,
    ) -> None:
        shape = {
            "video_size": f"{picture.width}x{picture.height}",
            "pix_fmt": picture.format.name,
            "time_base": str(time_base),
            "pixel_aspect": "1/1",
            "colorspace": str(int(picture.colorspace)),
            "range": str(int(picture.color_range)),
        }
        if rate is not None:
            shape["frame_rate"] = str(rate)
        self._graph = Graph()
        last = self._graph.add("buffer", **shape)
        for name, arguments in filters:
            following = self._graph.add(name, arguments or None)
            last.link_to(following)
            last = following
        last.link_to(self._graph.add("buffersink"))
        self._graph.configure()

    def push(self, picture: av.VideoFrame) -> list[av.VideoFrame]:
        """Hand one picture in; give what is ready."""
        self._graph.push(picture)
        return self._ready()

    def flush(self) -> list[av.VideoFrame]:
        """Give what is still held; nothing can be pushed afterwards."""
        self._graph.push(None)
        return self._ready()

    def _ready(self) -> list[av.VideoFrame]:
        pictures: list[av.VideoFrame] = []
        while True:
            try:
                picture = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return pictures
            assert isinstance(picture, av.VideoFrame)
            pictures.append(picture)
