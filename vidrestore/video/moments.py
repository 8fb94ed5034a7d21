"""The frames that a video shows at given times: each decoded from the keyframe before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, Final

import av
import av.container
from av.video.stream import VideoStream

from vidrestore.datatypes import Frame
from vidrestore.video.demux.files import READ_ERRORS, open_input
from vidrestore.video.demux.opening import most_pixels
from vidrestore.video.demux.probe import prepare
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.facts.tidy import tidy
from vidrestore.video.pixels import planes

_MOST_FRAMES: Final = 1000
"""Decoded for one moment; a video with longer groups of pictures shows an earlier one."""


def moments(media: MediaInfo, times: Iterable[Fraction]) -> Iterator[Frame | None]:
    """The last frame at or before each time; None where none can be had.

    Args:
        media: the file.
        times: seconds of the file's clock.

    Returns:
        Pictures as they are stored, one for each time.

    Raises:
        InputError: while iterating, if the file can no longer be opened.
    """
    with open_input(media.path, media.limits) as container:
        stream = container.streams[media.restored]
        assert isinstance(stream, VideoStream)
        decoder = prepare(stream, media.path, most_pixels(media.limits))
        base = stream.time_base or Fraction(1, 90_000)
        for number, time in enumerate(times):
            try:
                picture = _shown_at(container, stream, decoder, round(time / base))
            except READ_ERRORS:
                picture = None
            decoder.flush_buffers()
            if picture is None:
                yield None
                continue
            planar = planes.to_planar(tidy(picture))
            fmt = planes.format_of(planar, media.picture.colour.chroma_location)
            yield Frame(number, picture.pts or 0, 0, base, planes.views(planar, fmt), fmt, planar)


def _shown_at(
    container: av.container.InputContainer, stream: VideoStream, decoder: Any, time: int
) -> av.VideoFrame | None:
    container.seek(time, stream=stream)
    last: av.VideoFrame | None = None
    count = 0
    for packet in container.demux(stream):
        for picture in decoder.decode(packet if packet.size else None):
            if picture.pts is not None and picture.pts > time and last is not None:
                return last
            last, count = picture, count + 1
        if count >= _MOST_FRAMES or not packet.size:
            break
    return last
