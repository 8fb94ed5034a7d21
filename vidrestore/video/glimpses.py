"""A picture here and there of a long file: single keyframes, and nothing between them decoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from typing import Any

import av

from vidrestore.datatypes import Frame
from vidrestore.video.demux.files import READ_ERRORS
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.sought import Sought, sought

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
    with sought(media) as video:
        seen: set[int] = set()
        for time in times:
            picture = _keyframe(video, round(time / video.base))
            if picture is None or picture.pts is None or picture.pts in seen:
                continue
            seen.add(picture.pts)
            yield video.frame(len(seen) - 1, picture)


def _keyframe(video: Sought, time: int) -> av.VideoFrame | None:
    """The keyframe at or before a time; None where none can be had."""
    container, stream, decoder = video.container, video.stream, video.decoder
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
                return pictures[0]
    except READ_ERRORS:
        decoder.flush_buffers()
    return None
