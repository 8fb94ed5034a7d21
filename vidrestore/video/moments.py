"""The frames that a video shows at given times: each decoded from the keyframe before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

import av

from vidrestore.datatypes import Frame
from vidrestore.video.demux.files import READ_ERRORS
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.sought import Sought, sought

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
    with sought(media) as video:
        for number, time in enumerate(times):
            try:
                picture = _shown_at(video, round(time / video.base))
            except READ_ERRORS:
                picture = None
            video.decoder.flush_buffers()
            yield None if picture is None else video.frame(number, picture)


def _shown_at(video: Sought, time: int) -> av.VideoFrame | None:
    video.container.seek(time, stream=video.stream)
    last: av.VideoFrame | None = None
    count = 0
    for packet in video.container.demux(video.stream):
        for picture in video.decoder.decode(packet if packet.size else None):
            if picture.pts is not None and picture.pts > time and last is not None:
                return last
            last, count = picture, count + 1
        if count >= _MOST_FRAMES or not packet.size:
            break
    return last
