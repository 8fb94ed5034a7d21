"""A picture here and there of a long file: single keyframes, and nothing between them decoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from typing import Any

import av
import av.container
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from vidrestore.datatypes import Frame
from vidrestore.video.demux.files import READ_ERRORS, open_input
from vidrestore.video.demux.opening import most_pixels
from vidrestore.video.demux.probe import prepare
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.facts.tidy import tidy
from vidrestore.video.pixels import planes

# Packets after a seek within which a keyframe must come.
_MOST_PACKETS = 500


def glimpses(media: MediaInfo, times: Iterable[Fraction]) -> Iterator[Frame]:
    """The keyframes that some times fall on.

    Args:
        media: the file.
        times: seconds of the file's clock.

    Returns:
        Pictures as they are stored, each once: fewer than times where several fall on one keyframe,
        or the file cannot be sought or read there.

    Raises:
        InputError: while iterating, if the file can no longer be opened.
    """
    with open_input(media.path, media.limits) as container:
        stream = container.streams[media.restored]
        assert isinstance(stream, VideoStream)
        decoder = prepare(stream, media.path, most_pixels(media.limits))
        base = stream.time_base or Fraction(1, 90_000)
        seen: set[int] = set()
        for time in times:
            picture = _keyframe(container, stream, decoder, round(time / base))
            if picture is None or picture.pts is None or picture.pts in seen:
                continue
            seen.add(picture.pts)
            planar = planes.to_planar(picture)
            fmt = planes.format_of(planar, media.picture.colour.chroma_location)
            views = planes.views(planar, fmt)
            yield Frame(len(seen) - 1, picture.pts, 0, base, views, fmt, planar)


def _keyframe(
    container: av.container.InputContainer,
    stream: VideoStream,
    decoder: VideoCodecContext,
    time: int,
) -> av.VideoFrame | None:
    """The keyframe at or before a time; None where none can be had."""
    try:
        container.seek(time, stream=stream)
        packets: Iterable[av.Packet[Any]] = islice(container.demux(stream), _MOST_PACKETS)
        for packet in packets:
            if not packet.size or not packet.is_keyframe:
                continue
            # Alone, it needs no others; asked for the rest, the decoder does not wait for any.
            pictures = [*decoder.decode(packet), *decoder.decode(None)]
            decoder.flush_buffers()
            if pictures:
                return tidy(pictures[0])
    except READ_ERRORS:
        decoder.flush_buffers()
    return None
