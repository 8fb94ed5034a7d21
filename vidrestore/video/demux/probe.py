"""Looking into a file: what it holds, and which video stream is restored."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error
from av.codec.context import Flags
from av.stream import Disposition, Stream
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from vidrestore.config import InputConfig
from vidrestore.errors import InputError
from vidrestore.video.containers.webp import is_animated
from vidrestore.video.demux.choice import choose, length_of
from vidrestore.video.demux.files import READ_ERRORS, open_and_read_tags
from vidrestore.video.demux.header import header_of, undecoded
from vidrestore.video.demux.opening import most_pixels, try_in_child
from vidrestore.video.facts.media import Chapter, MediaInfo, Picture, Sound, StreamInfo
from vidrestore.video.facts.tag_text import text
from vidrestore.video.facts.tags import Colour
from vidrestore.video.facts.tidy import tidy
from vidrestore.video.pixels import hdr
from vidrestore.video.pixels.sidedata import SideDataReader, has_profile
from vidrestore.video.pixels.transparency import decoder_of

# av.time_base: the unit of container.start_time and container.duration.
MICROSECONDS = 1_000_000

# No film has more frames per second; what claims more is a clock.
MOST_RATE = 1000


def probe(path: str | Path, config: InputConfig | None = None) -> MediaInfo:
    """What is in a file; one frame is decoded to be sure that it is a video.

    Args:
        path: a file, or the pattern of a sequence of pictures.
        config: limits; the defaults if None.

    Raises:
        InputError: one line, if the file is missing, a directory, unreadable, empty, not media, has
            no video (audio alone, cover art alone), or not one frame can be decoded.
    """
    config = config or InputConfig()
    if config.budget == "strict":
        try_in_child(path, config)
    container, encoding = open_and_read_tags(path, config, first=True)
    try:
        stream, why = choose(container, path, config.stream)
        decoder = prepare(stream, path, most_pixels(config))
        first = _first_frame(container, stream, decoder, path)
        found = describe(container, path, stream, first, why=why, encoding=encoding)
        return replace(found, limits=config)
    finally:
        container.close()


def prepare(stream: VideoStream, path: str | Path, most: int) -> VideoCodecContext:
    """The decoder of a stream, set up; pictures of more than ``most`` pixels are refused.

    What the stream itself hides at its left and top is cut off exactly: left to itself, the decoder
    keeps some of it so that rows begin at even addresses.

    Raises:
        InputError: if the header promises more; the decoder refuses what only comes later.
    """
    if stream.width * stream.height > most:
        raise InputError(
            f"{os.fspath(path)} has frames of {stream.width}x{stream.height}, more than "
            f"input.max_pixels ({most}) allows; raise it if the file is to be trusted"
        )
    decoder = decoder_of(stream)
    decoder.flags |= Flags.unaligned
    decoder.options = {**decoder.options, "max_pixels": str(most)}
    return decoder


def _first_frame(
    container: av.container.InputContainer,
    stream: VideoStream,
    decoder: VideoCodecContext,
    path: str | Path,
) -> av.VideoFrame:
    for packet in _packets(container, stream):
        try:
            frames = decoder.decode(packet)
        except (av.error.EOFError, av.error.MemoryError):
            break
        except av.error.FFmpegError:
            continue
        if frames:
            return tidy(frames[0])
    raise no_frames(path)


def _packets(
    container: av.container.InputContainer, stream: VideoStream
) -> Iterable[av.Packet[VideoStream]]:
    """Packets until the end or until the file cannot be read on."""
    try:
        yield from container.demux(stream)
    except READ_ERRORS:
        return


def no_frames(path: str | Path) -> InputError:
    """The error for a video of which nothing can be shown."""
    if is_animated(path):
        return InputError(
            f"{os.fspath(path)} is an animated WebP, which this FFmpeg cannot decode; convert it "
            "to GIF or MP4 first"
        )
    return InputError(
        f"{os.fspath(path)} holds no frame that can be decoded; it is damaged or incomplete"
    )


def describe(
    container: av.container.InputContainer,
    path: str | Path,
    chosen: VideoStream,
    first: av.VideoFrame,
    *,
    why: str,
    encoding: str,
) -> MediaInfo:
    """Everything about an open file whose first frame is known."""
    duration = container.duration
    names = undecoded(container)
    streams = [
        _stream(stream, first if stream.index == chosen.index else None, names)
        for stream in container.streams
    ]
    # What lacks its head may have pictures, dated back, before the start that FFmpeg gives.
    declared, seen = Fraction(container.start_time or 0, MICROSECONDS), streams[chosen.index].start
    return MediaInfo(
        path=os.fspath(path),
        container=container.format.name,
        size=max(0, container.size),
        start=declared if seen is None else min(declared, seen),
        duration=None if not duration or duration < 0 else Fraction(duration, MICROSECONDS),
        streams=tuple(streams),
        restored=chosen.index,
        reason=why,
        chapters=tuple(
            Chapter(
                entry["id"],
                entry["start"] * (entry["time_base"] or Fraction(1)),
                entry["end"] * (entry["time_base"] or Fraction(1)),
                {k: text(v, encoding) for k, v in entry["metadata"].items()},
            )
            for entry in container.chapters()
        ),
        metadata=dict(container.metadata),
        tags_encoding=encoding,
    )


def _stream(stream: Stream, first: av.VideoFrame | None, names: Mapping[int, str]) -> StreamInfo:
    kind = stream.type
    context = stream.codec_context
    base = stream.time_base
    tags = dict(stream.metadata)
    return StreamInfo(
        index=stream.index,
        kind=kind,
        codec=_codec(stream) or names.get(stream.index, ""),
        language=tags.get("language"),
        title=tags.get("title"),
        disposition=tuple(str(flag.name) for flag in Disposition if flag & stream.disposition),
        time_base=base,
        start=_start(stream, first),
        duration=_length(stream),
        metadata=tags,
        picture=_picture(stream, first) if isinstance(stream, VideoStream) and context else None,
        sound=_sound(stream) if isinstance(stream, av.AudioStream) and context else None,
    )


def _start(stream: Stream, first: av.VideoFrame | None) -> Fraction | None:
    """When the first sample is shown or heard; a picture that was seen earlier counts."""
    declared = _time(stream.start_time, stream.time_base)
    seen = None if first is None else _time(first.pts, stream.time_base)
    return declared if seen is None else seen if declared is None else min(declared, seen)


def _length(stream: Stream) -> Fraction | None:
    # Attached files have no times; FFmpeg gives them the whole file's.
    attached = stream.type == "attachment" or stream.disposition & Disposition.attached_pic
    return _time(stream.duration, stream.time_base) if attached else length_of(stream)


def _codec(stream: Stream) -> str:
    if stream.codec_context is not None:
        # The codec's own name, not the decoder's: "vp9", not "libvpx-vp9".
        return stream.codec_context.codec.canonical_name
    return (getattr(stream, "name", None) or "") if stream.type == "data" else ""


def _time(ticks: int | None, base: Fraction | None) -> Fraction | None:
    return None if ticks is None or base is None else ticks * base


def _sound(stream: av.AudioStream) -> Sound:
    context = stream.codec_context
    kind = context.format
    return Sound(
        context.sample_rate,
        context.channels,
        context.layout.name,
        "" if kind is None else kind.name,
    )


def _picture(stream: VideoStream, first: av.VideoFrame | None) -> Picture | None:
    context = stream.codec_context
    if not context.width or not context.height:
        return None
    tags = first if first is not None else context
    header, attached = header_of(stream), SideDataReader()
    return Picture(
        width=first.width if first is not None else context.width,
        height=first.height if first is not None else context.height,
        pix_fmt=first.format.name if first is not None else context.pix_fmt or "",
        rate=_rate(stream),
        frames=stream.frames or None,
        sample_aspect=stream.sample_aspect_ratio or Fraction(1),
        rotation=first.rotation if first is not None else 0,
        display_matrix=_display_matrix(first, attached) if first is not None else None,
        colour=Colour(
            int(tags.color_primaries),
            int(tags.color_trc),
            int(tags.colorspace),
            int(tags.color_range),
            None if first is None else hdr.mastering_of(first, attached),
            None if first is None else hdr.light_of(first, attached),
            header.chroma_location,
            () if first is None else hdr.dynamic_of(first, attached, header.dolby_vision),
            header.dolby_vision is not None and not header.dolby_vision[1],
            first is not None and has_profile(first),
        ),
        interlaced=bool(first.interlaced_frame) if first is not None else False,
        field_order=int(context.field_order),
        hidden=header.hidden,
        spatial=header.spatial,
    )


def _rate(stream: VideoStream) -> Fraction | None:
    """Average frames per second; raw DV claims as many as its clock has ticks."""
    rates = (stream.average_rate, stream.guessed_rate, stream.base_rate)
    return next((rate for rate in rates if rate and rate <= MOST_RATE), None)


def _display_matrix(frame: av.VideoFrame, attached: SideDataReader) -> tuple[int, ...] | None:
    """The nine 16.16 and 2.30 fixed-point numbers of the frame's display matrix."""
    data = attached.read(frame, "DISPLAYMATRIX")
    if data is None:
        return None
    matrix: tuple[int, ...] = struct.unpack("=9i", data)
    return matrix
