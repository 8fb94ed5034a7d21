"""Which video stream of a file is restored."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import av.container
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from vidrestore.errors import InputError
from vidrestore.video.facts.media import MediaInfo

STILLS = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image

_LENGTH = re.compile(r"(\d{1,6}):(\d{1,2}):(\d{1,2}(?:\.\d{0,12})?)", re.ASCII)

# What lasts less than this part of the longest is a still, a thumbnail or a trailer's rest.
_LONG = Fraction(1, 2)


def choose(
    container: av.container.InputContainer, path: str | Path, wanted: int | None
) -> tuple[VideoStream, str]:
    """The stream to restore: as asked; else one that moves, lasts, is the default, and is large.

    Args:
        container: the open file.
        path: of it, for messages.
        wanted: FFmpeg's index of the stream; None leaves the choice.

    Returns:
        The stream and, in a few words, why it was chosen.

    Raises:
        InputError: if there is none, or the one asked for is no video.
    """
    if wanted is not None:
        return _asked(container, path, wanted), "as asked"
    videos = list(container.streams.video)
    moving = [stream for stream in videos if not stream.disposition & STILLS]
    if not moving:
        if videos:
            kind = "its only picture is cover art"
        elif container.streams.audio:
            kind = "it holds audio only"
        else:
            kind = f"FFmpeg takes it for {container.format.long_name}"
        raise InputError(f"{os.fspath(path)} has no video stream: {kind}")
    usable = [stream for stream in moving if stream.codec_context is not None]
    if not usable:
        raise InputError(
            f"{os.fspath(path)}: this FFmpeg has no decoder for its video stream "
            f"{moving[0].index}; convert the video first"
        )
    # A picture whose size is not known never came.
    seen = [stream for stream in usable if stream.width and stream.height] or usable
    return _best(seen)


def _asked(container: av.container.InputContainer, path: str | Path, wanted: int) -> VideoStream:
    streams = container.streams
    if wanted < len(streams):
        stream = streams[wanted]
        if isinstance(stream, VideoStream) and stream.codec_context is not None:
            return stream
        what = f"is {stream.type}" if stream.type != "video" else "cannot be decoded"
    else:
        what = "is not there"
    there = " and ".join(str(stream.index) for stream in streams.video) or "none"
    raise InputError(f"{os.fspath(path)}: input.stream {wanted} {what}; its video streams: {there}")


def _best(streams: Sequence[VideoStream]) -> tuple[VideoStream, str]:
    if len(streams) == 1:
        return streams[0], "the only video stream"
    among = f"of {len(streams)} video streams"
    rest = [stream for stream in streams if stream.frames != 1] or list(streams)
    lengths = {stream.index: length_of(stream) for stream in rest}
    longest = max((length for length in lengths.values() if length is not None), default=None)
    if longest is not None:
        rest = [
            stream
            for stream in rest
            if (length := lengths[stream.index]) is None or length >= longest * _LONG
        ]
    if len(rest) == 1:
        return rest[0], f"the only one that lasts {among}"
    defaults = [stream for stream in rest if stream.disposition & Disposition.default]
    if len(defaults) == 1:
        return defaults[0], f"flagged as default {among}"
    # MP4 flags every stream: that tells nothing.
    best = max(defaults or rest, key=lambda s: (s.width * s.height, -s.index))
    return best, f"the largest {among}"


def length_of(stream: Stream) -> Fraction | None:
    """Seconds; Matroska gives them in a tag, where FFmpeg gives the whole file's."""
    duration = next((v for k, v in stream.metadata.items() if k.upper().startswith("DURATION")), "")
    if match := _LENGTH.fullmatch(duration):
        hours, minutes, seconds = match.groups()
        return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)
    if stream.duration is None or stream.time_base is None:
        return None
    return stream.duration * stream.time_base


def lengths_of(container: av.container.InputContainer) -> dict[int, Fraction | None]:
    """Seconds of each stream by its index; attached files have no times, only the whole file's."""
    return {
        stream.index: length_of(stream)
        for stream in container.streams
        if stream.type != "attachment" and not stream.disposition & Disposition.attached_pic
    }


def left_alone(info: MediaInfo, wanted: int | None, end: Fraction | None) -> list[str]:
    """What else of a file could have been meant, and what was guessed of it, one line each.

    Args:
        info: the file.
        wanted: the stream that was asked for, if one was.
        end: when the picture ended, on the file's clock; None while it has not or was cut.
    """
    videos = [s for s in info.streams if s.kind == "video" and s.picture is not None]
    rest = [s for s in videos if "attached_pic" not in s.disposition]
    lines = []
    if len(rest) > 1 and wanted is None:
        lines.append(
            f"restored is stream {info.restored}, {info.reason}; input.stream takes another"
        )
    if info.tags_encoding:
        lines.append(f"its tags are not UTF-8; they are taken for {info.tags_encoding}")
    later = [s.index for s in info.streams if s.kind == "video" and s.picture is None]
    if later and end is not None:
        lines.append(
            f"the picture of stream {info.restored} ends at {float(end - info.start):.3f} s; it "
            f"may go on in stream {later[0]}, as where a programme changes: cut the file there, "
            "and restore both"
        )
    return lines
