"""Chains of libavfilter filters: pictures in, pictures out, and sound for an encoder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import av
import av.error
from av.audio.codeccontext import AudioCodecContext
from av.filter import Graph

_SAMPLES = 1024  # of a frame, for encoders that take any number


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
        return [frame for frame in _pulled(self._graph) if isinstance(frame, av.VideoFrame)]


class SoundChain:
    """Brings sound like the first frame to an encoder's rate, channels, format and frame size.

    Args:
        sound: tells rate, format, channels and time base; every later frame must be alike.
        encoder: opened, and of what frames it takes.
        filters: (name, arguments) of each that comes before that.
    """

    def __init__(
        self,
        sound: av.AudioFrame,
        encoder: AudioCodecContext,
        filters: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._graph = Graph()
        chain = [
            self._graph.add_abuffer(
                sample_rate=sound.sample_rate,
                format=sound.format,
                layout=sound.layout,
                time_base=sound.time_base,
            ),
            *(self._graph.add(name, arguments) for name, arguments in filters),
            self._graph.add(
                "aformat",
                f"sample_fmts={encoder.format.name}:sample_rates={encoder.sample_rate}:"
                f"channel_layouts={encoder.layout.name}",
            ),
            self._graph.add("asetnsamples", f"n={encoder.frame_size or _SAMPLES}:p=0"),
            self._graph.add("abuffersink"),
        ]
        self._graph.link_nodes(*chain).configure()

    def push(self, sound: av.AudioFrame | None) -> list[av.AudioFrame]:
        """Hand sound in, or None at its end; give what is ready."""
        self._graph.push(sound)
        return [frame for frame in _pulled(self._graph) if isinstance(frame, av.AudioFrame)]


def _pulled(graph: Graph) -> Iterator[object]:
    """All frames that are ready."""
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
