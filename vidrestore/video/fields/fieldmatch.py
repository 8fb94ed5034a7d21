"""Putting film frames together from fields, for samples of more than 8 bits.

FFmpeg's fieldmatch looks at 8 bits alone. It can copy the fields that it chose from a second
picture, but of deep ones it copies half of each line. So the second picture is the deep one's
bytes, taken for 8-bit samples of twice the width; the first has the highest bytes, each twice.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Any

import av
import av.error
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from vidrestore.video.pixels.graph import FilterChain

_DEEP = re.compile(r"(yuv4(?:10|11|20|22|44)p)(?:9|10|12|14|16)le")


def shallow(name: str) -> str | None:
    """The 8-bit format of a deep one that fields can be matched in; None if there is none."""
    match = _DEEP.fullmatch(name)
    return match[1] if match else None


class DeepFieldmatch:
    """Fieldmatch as a chain of one filter; what stays combed leaves it flagged as interlaced.

    Args:
        picture: tells size and pixel format; every later one must be alike.
        order: the field that comes first, "tff" or "bff".
    """

    def __init__(self, picture: av.VideoFrame, order: str) -> None:
        name = shallow(picture.format.name)
        assert name is not None
        self._name = name
        self._shift = picture.format.components[0].bits - 8
        self._size = 2 * picture.width, picture.height
        shape = {
            "video_size": f"{self._size[0]}x{self._size[1]}",
            "pix_fmt": name,
            "time_base": "1/25",
            "pixel_aspect": "1/1",
            "frame_rate": "25",
        }
        self._graph = Graph()
        self._seen = self._graph.add("buffer", **shape)
        self._kept = self._graph.add("buffer", **shape)
        # Twice as wide, a comb has twice as many pixels.
        settings = f"order={order}:combmatch=full:blockx=32:combpel=160:ppsrc=1"
        matching = self._graph.add("fieldmatch", settings)
        self._seen.link_to(matching, 0, 0)
        self._kept.link_to(matching, 0, 1)
        matching.link_to(self._graph.add("buffersink"))
        self._graph.configure()
        self._stored: deque[av.VideoFrame] = deque()
        self._flagged = {
            True: FilterChain(picture, [("setfield", order)]),
            False: FilterChain(picture, [("setfield", "prog")]),
        }

    def push(self, picture: av.VideoFrame) -> list[av.VideoFrame]:
        """Hand one picture in; give what is ready."""
        self._stored.append(picture)
        high, whole = (av.VideoFrame(*self._size, self._name) for _ in range(2))
        for index in range(len(picture.planes)):
            samples = _lines(picture, index).view(np.uint16)
            _lines(high, index)[...] = np.repeat(samples >> self._shift, 2, axis=1)
            _lines(whole, index)[...] = samples.view(np.uint8)
        for made, buffer in ((high, self._seen), (whole, self._kept)):
            made.pts, made.time_base = picture.pts, picture.time_base
            buffer.push(made)
        return self._ready()

    def flush(self) -> list[av.VideoFrame]:
        """Give what is still held; nothing can be pushed afterwards."""
        for buffer in (self._seen, self._kept):
            buffer.push(None)
        return self._ready()

    def _ready(self) -> list[av.VideoFrame]:
        pictures: list[av.VideoFrame] = []
        while True:
            try:
                matched = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return pictures
            assert isinstance(matched, av.VideoFrame)
            # A reference of its own, with all that is attached; the decoder's stays as it is.
            chain = self._flagged[bool(matched.interlaced_frame)]
            (picture,) = chain.push(self._stored.popleft())
            picture.make_writable()
            for index in range(len(picture.planes)):
                _lines(picture, index)[...] = _lines(matched, index)
            pictures.append(picture)


def _lines(picture: av.VideoFrame, index: int) -> NDArray[Any]:
    """The bytes of a plane's lines, without the padding."""
    plane = picture.planes[index]
    length = plane.width * (1 if picture.format.components[0].bits == 8 else 2)
    data = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return data[: plane.height, :length]
