"""What stands at the head of a container: options of its muxer, tags, chapters, how it is shown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from av.container import OutputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from vidrestore.video.copy import avi
from vidrestore.video.copy.window import Window
from vidrestore.video.facts.containers import is_ebml
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.facts.timecode import Timecode

# What a muxer writes itself, or what is no longer true of a restored stream.
_CONTAINER_TAGS = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder"})
_STREAM_TAGS = (
    *("encoder", "duration", "bps", "number_of_", "_statistics_", "vendor_id"),
    "alpha_mode",
)
# A block's time is 16 bits of milliseconds before or after its cluster's, which is not negative.
_MATROSKA_EARLY = 30

# Units per second of an MP4 file's clock: a hundred hours stay far below what its fields hold.
_FINEST = 10_000_000

# A display matrix's 1, and how far from it lengths lie by rounding.
_ONE, _ROUNDING = 1 << 16, 1e-3


def muxer_options(media: MediaInfo, container: str) -> dict[str, str]:
    """FFmpeg's options for the muxer of a container."""
    if is_ebml(container):
        # Sound often begins a little before zero; the muxer would move the picture to make up.
        # FFmpeg reads no time of a block before zero, and can only guess a sound's.
        picture = media.stream.start or 0
        early = picture < 0 or media.start < -_MATROSKA_EARLY
        return {} if early else {"avoid_negative_ts": "disabled"}
    if container == avi.FORMAT:
        return {}
    # Late starts are given in units of the whole film: milliseconds unless told otherwise.
    return {"movie_timescale": str(_timescale(media))}


def container_tags(media: MediaInfo, added: Mapping[str, str], container: str) -> dict[str, str]:
    """The source's own tags, as far as they are still true, and what is added.

    Args:
        media: the source.
        added: by name.
        container: FFmpeg's name of it; AVI has no names but its own, so there it is the comment.
    """
    # A source that was restored before says so under the same names.
    own = _CONTAINER_TAGS | {name.lower() for name in added}
    kept = {k: v for k, v in media.metadata.items() if k.lower() not in own}
    if container != avi.FORMAT or not added:
        return kept | dict(added)
    comments = [kept.pop(name) for name in list(kept) if name.lower() == "comment"]
    new = [value for value in added.values() if value not in "".join(comments)]
    return kept | {"comment": "; ".join((*comments, *new))}


def tag_restored(video: VideoStream, media: MediaInfo) -> None:
    """Give the restored stream the tags, disposition and turn of the source's."""
    info = media.stream
    video.metadata.update(
        {k: v for k, v in info.metadata.items() if not k.lower().startswith(_STREAM_TAGS)}
    )
    flags = Disposition(0)
    for name in info.disposition:
        flags |= Disposition[name]
    video.disposition = flags
    if media.picture.display_matrix is not None:
        video.set_display_matrix(_unscaled(media.picture.display_matrix))


def move_timecodes(output: OutputContainer, media: MediaInfo, window: Window) -> None:
    """Have a piece begin with the timecode of its own first frame."""
    rate, begun = media.picture.rate, media.stream.start
    for tags in (output.metadata, *(each.metadata for each in output.streams)):
        for key in [key for key in tags if key.lower() == "timecode"]:
            code = None if rate is None else Timecode.parse(tags[key], rate)
            if code is not None:
                late = window.shift - (media.start if begun is None else begun)
                tags[key] = str(code.later(late))


def _unscaled(matrix: Sequence[int]) -> tuple[int, ...]:
    """A display matrix that turns and mirrors as another does, and no more.

    FFmpeg gives what a matrix scales as the pixels' aspect; Matroska's muxer takes no such matrix.
    """
    across, down = matrix[0:2], matrix[3:5]
    lengths = [math.hypot(*row) for row in (across, down)]
    if not all(lengths) or all(abs(length / _ONE - 1) < _ROUNDING for length in lengths):
        return tuple(matrix)
    rows = [
        [round(number * _ONE / length) for number in row]
        for row, length in zip((across, down), lengths, strict=True)
    ]
    # Without a shift, which said where the scaled picture came to lie.
    return (*rows[0], matrix[2], *rows[1], matrix[5], 0, 0, matrix[8])


def _timescale(media: MediaInfo) -> int:
    """Units per second of an MP4 file's own clock that hold picture's and sound's times exactly."""
    base = media.stream.time_base
    units = 1000 if base is None else base.denominator
    while units < 10_000:
        units *= 2
    for stream in media.streams:
        finer = units if stream.sound is None else math.lcm(units, stream.sound.sample_rate or 1)
        units = finer if finer <= _FINEST else units
    return min(units, _FINEST)


def chapters(media: MediaInfo, window: Window) -> Iterator[Any]:
    """The chapters that touch the window, cut and moved with it."""
    unit = Fraction(1, 1_000_000_000)
    for chapter in media.chapters:
        begin = chapter.start if window.begin is None else max(chapter.start, window.begin)
        end = chapter.end if window.end is None else min(chapter.end, window.end)
        if begin < end or (begin == end and window == Window()):
            yield {
                "id": chapter.id,
                "start": round((begin - window.shift) / unit),
                "end": round((end - window.shift) / unit),
                "time_base": unit,
                "metadata": dict(chapter.metadata),
            }
