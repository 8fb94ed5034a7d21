"""Between a decoder's frame and numpy: views in, samples out, never into a decoder's picture."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from vidrestore.datatypes import Frame, FrameFormat
from vidrestore.video.facts.media import PROGRESSIVE, TOP_FIRST, Picture
from vidrestore.video.pixels import formats


def to_planar(picture: av.VideoFrame) -> av.VideoFrame:
    """The same picture in a planar format that numpy can look at; side data and tags travel.

    Raises:
        InputError: if the format is not supported.
    """
    name = picture.format.name
    target = formats.planar_of(name)
    if name == "pal8" and _opaque(picture):
        target = "gbrp"
    if target == name:
        return picture
    if name.startswith("yuvj"):
        picture.color_range = formats.FULL
    # One range on both sides: samples are moved, never scaled. Palettes and RGB are full range.
    side = formats.LIMITED if picture.color_range == formats.LIMITED else formats.FULL
    converted = picture.reformat(
        format=target,
        src_color_range=side,
        dst_color_range=side,
        interpolation="POINT",
    )
    converted.color_range = picture.color_range
    return converted


def _opaque(picture: av.VideoFrame) -> bool:
    """Whether no colour of the palette is transparent."""
    palette = np.frombuffer(memoryview(picture.planes[1]), np.uint8)
    return bool((palette[3::4] == 255).all())


def format_of(picture: av.VideoFrame, chroma_location: int = 0) -> FrameFormat:
    """What the samples of a planar picture mean; PyAV does not say where its chroma sits."""
    return formats.describe(
        picture.format.name,
        picture.width,
        picture.height,
        int(picture.colorspace),
        int(picture.color_range),
        chroma_location=chroma_location,
    )


def _array(picture: av.VideoFrame, index: int, fmt: FrameFormat) -> NDArray[Any]:
    """A plane as an array of its own shape, without the padding at the end of rows."""
    plane = picture.planes[index]
    rows, columns = fmt.plane_shapes()[index]
    pitch = plane.line_size
    item = np.dtype(fmt.dtype).itemsize
    data = np.frombuffer(memoryview(plane), np.uint8).view(fmt.dtype)
    grid = data.reshape(-1, abs(pitch) // item)
    # A negative pitch means that rows are stored from the bottom up.
    return (grid[::-1] if pitch < 0 else grid)[:rows, :columns]


def views(picture: av.VideoFrame, fmt: FrameFormat) -> tuple[NDArray[Any], ...]:
    """Read-only views of a planar picture's planes; they keep the picture alive."""
    planes = tuple(_array(picture, index, fmt) for index in range(len(fmt.plane_shapes())))
    for plane in planes:
        plane.flags.writeable = False
    return planes


def enlarged(picture: av.VideoFrame, fmt: FrameFormat, to: FrameFormat) -> av.VideoFrame:
    """A copy of a planar picture with its last columns and rows repeated up to a larger size."""
    copy = av.VideoFrame(to.width, to.height, to.pix_fmt)
    copy.colorspace, copy.color_range = picture.colorspace, picture.color_range
    repeat_edges(picture, fmt, copy, to)
    return copy


def repeat_edges(
    picture: av.VideoFrame, fmt: FrameFormat, target: av.VideoFrame, to: FrameFormat
) -> None:
    """Fill a larger writable picture with another's samples, its last ones repeated."""
    for index in range(len(fmt.plane_shapes())):
        source, larger = _array(picture, index, fmt), _array(target, index, to)
        more = [(0, there - here) for here, there in zip(source.shape, larger.shape, strict=True)]
        larger[...] = np.pad(source, more, mode="edge")


def field_mode(picture: Picture) -> str:
    """FFmpeg's name for how a stream's pictures are flagged; "auto" leaves the flags alone."""
    if picture.field_order == PROGRESSIVE:
        return "prog"
    if picture.interlaced and picture.field_order:
        return "tff" if picture.field_order in TOP_FIRST else "bff"
    return "auto"


class Copier:
    """Makes pictures for the encoder out of a frame, leaving the frame as it was.

    An AVFrame made anew cannot be given side data, and ``make_writable`` on the decoder's object
    would free the memory under the views. A filter graph that does nothing hands out a second
    reference with everything attached; making *that* writable copies the samples.

    Args:
        fields: how the pictures shall be flagged, see ``field_mode``.
    """

    def __init__(self, fields: str = "auto") -> None:
        self._fields = fields
        self._shape: dict[str, str] = {}
        self._graph: Graph | None = None

    def picture(self, frame: Frame) -> av.VideoFrame:
        """A picture with the frame's samples: shared if untouched, a copy of its own if touched."""
        if not isinstance(frame.handle, av.VideoFrame):
            fmt = frame.format
            return self._write(av.VideoFrame(fmt.width, fmt.height, fmt.pix_fmt), frame)
        picture = self._reference(frame.handle)
        if frame.touched:
            picture.make_writable()
            self._write(picture, frame)
        return picture

    def _reference(self, picture: av.VideoFrame) -> av.VideoFrame:
        shape = {
            "video_size": f"{picture.width}x{picture.height}",
            "pix_fmt": picture.format.name,
            "time_base": str(picture.time_base or "1/1000"),
            "pixel_aspect": "1/1",
            "colorspace": str(int(picture.colorspace)),
            "range": str(int(picture.color_range)),
        }
        if self._graph is None or shape != self._shape:
            self._shape = shape
            self._graph = Graph()
            flagged = self._graph.add("setfield", self._fields)
            self._graph.add("buffer", **shape).link_to(flagged)
            flagged.link_to(self._graph.add("buffersink"))
            self._graph.configure()
        self._graph.push(picture)
        reference = self._graph.pull()
        assert isinstance(reference, av.VideoFrame)
        return reference

    @staticmethod
    def _write(picture: av.VideoFrame, frame: Frame) -> av.VideoFrame:
        for index, samples in enumerate(frame.planes):
            _array(picture, index, frame.format)[...] = samples
        return picture
