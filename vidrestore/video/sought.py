"""A video of which single pictures are sought and decoded, not read through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

import av
import av.container
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from vidrestore.datatypes import Frame
from vidrestore.video.demux.files import open_input
from vidrestore.video.demux.opening import most_pixels
from vidrestore.video.demux.probe import prepare
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.facts.tidy import tidy
from vidrestore.video.pixels import planes


@dataclass(frozen=True, slots=True)
class Sought:
    """An open video.

    Attributes:
        container: of the file.
        stream: the one that is restored.
        decoder: of it; to be flushed after each picture.
        base: seconds of a unit of time.
        chroma_location: FFmpeg's number of where chroma samples sit; 0 if the file does not say.
    """

    container: av.container.InputContainer
    stream: VideoStream
    decoder: VideoCodecContext
    base: Fraction
    chroma_location: int

    def frame(self, number: int, picture: av.VideoFrame) -> Frame:
        """A decoded picture as it is stored, with that index and without a duration."""
        planar = planes.to_planar(tidy(picture))
        fmt = planes.format_of(planar, self.chroma_location)
        views = planes.views(planar, fmt)
        return Frame(number, picture.pts or 0, 0, self.base, views, fmt, planar)


@contextmanager
def sought(media: MediaInfo) -> Iterator[Sought]:
    """Open a file for seeking.

    Raises:
        InputError: it can no longer be opened.
    """
    with open_input(media.path, media.limits) as container:
        stream = container.streams[media.restored]
        assert isinstance(stream, VideoStream)
        decoder = prepare(stream, media.path, most_pixels(media.limits))
        base = stream.time_base or Fraction(1, 90_000)
        yield Sought(container, stream, decoder, base, media.picture.colour.chroma_location)
