"""What FFmpeg knows of a video stream and PyAV does not show.

FFmpeg writes a header for the stream in memory, and these facts are read there: the borders that
the container hides (Matroska's PixelCrop, MOV's and MP4's ``clap``, whatever the source is), where
chroma samples sit, whether the pictures are Dolby Vision's, and whether they show 3D or a sphere.
Nothing of the user's file is parsed here.
"""

from __future__ import annotations

import io
import re
import struct
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import av
import av.container
import av.error
import av.logging
from av.video.stream import VideoStream

from vidrestore.video.containers import ebml, isobmff
from vidrestore.video.facts.media import UNHIDDEN, Hidden, Spatial

# Matroska's elements (RFC 9559): those that hold others, and those that are read.
_MASTERS = frozenset({0x18538067, 0x1654AE6B, 0xAE, 0xE0, 0x55B0, 0x41E4})
_LEFT, _TOP, _RIGHT, _BOTTOM = 0x54CC, 0x54BB, 0x54DD, 0x54AA
_SITING_ACROSS, _SITING_DOWN = 0x55B7, 0x55B8
_BLOCK_KIND, _BLOCK_DATA = 0x41E7, 0x41ED
_STEREO, _PROJECTION, _PROJECTION_KIND = 0x53B8, 0x7670, 0x7671

# FFmpeg's AVChromaLocation by Matroska's siting: 1 is on the first sample, 2 in the middle.
_LOCATIONS = {(1, 2): 1, (2, 2): 2, (1, 1): 3, (2, 1): 4}
# By the standard or habit, where nothing is written down: JPEG, MPEG-1 and H.263 in the middle, DV
# on the first.
_USUAL_LOCATIONS = {
    **dict.fromkeys(("mjpeg", "mjpegb", "jpeg2000", "mpeg1video", "h263", "h263p"), 2),
    "dvvideo": 3,
}
# Matroska takes raw pictures only so, and writes of them what is stated, and nothing else.
_RAW_TOO = {"allow_raw_vfw": "1"}

# Kinds of blocks that carry Dolby Vision, and the beginning of its configuration record.
_DOLBY_VISION = frozenset({b"dvcC", b"dvvC"})
_RECORD = struct.Struct(">BBHB")

# The content of a clean aperture atom: width, height and the middle's offset, as fractions.
_APERTURE = struct.Struct(">8i")

# "Stream #0:2[0x42](deu): Subtitle: dvb_teletext (libzvbi...) ([6][0][0][0] / 0x0006)"
_CODEC_LINE = re.compile(
    r"Stream #\d+:(\d+)\S*: (?:Video|Audio|Subtitle): (\w+)(?:.*?\((\w{4}) / 0x)?"
)
_LOG_LEVEL = threading.Lock()


@dataclass(frozen=True, slots=True)
class Header:
    """Facts of a stream.

    Attributes:
        hidden: columns and rows that players do not show: left, top, right, bottom.
        chroma_location: FFmpeg's AVChromaLocation; 0 if neither the stream nor its codec states it.
        dolby_vision: profile, and what the pictures show without its metadata: 0 nothing of use,
            1 HDR10, 2 SDR, 4 HLG, 6 HDR10 of a disc; None if they are not Dolby Vision's.
        spatial: what tells players of 3D and of a sphere; None where nothing does.
    """

    hidden: Hidden = UNHIDDEN
    chroma_location: int = 0
    dolby_vision: tuple[int, int] | None = None
    spatial: Spatial | None = None


def header_of(stream: VideoStream) -> Header:
    """What the stream's header gives; what is usual where FFmpeg can write none."""
    usual = _USUAL_LOCATIONS.get(stream.codec_context.codec.canonical_name, 0)
    found = _written(stream, "matroska", _RAW_TOO)
    if found:
        tags = _from_matroska(found)
        if tags.spatial is not None:
            # Codecs that MP4 does not take have no marks there.
            options = {"movflags": "empty_moov", "strict": "unofficial"}
            boxes = isobmff.spatial_boxes(_written(stream, "mp4", options))
            tags = replace(tags, spatial=replace(tags.spatial, boxes=boxes))
        return tags if tags.chroma_location else replace(tags, chroma_location=usual)
    # DV and other tape formats: Matroska does not take them.
    context = stream.codec_context
    found = _written(stream, "mov", {"movflags": "empty_moov"})
    return Header(_from_mov(found, context.width, context.height), usual)


def _written(
    stream: VideoStream, container: str, options: Mapping[str, str] | None = None
) -> bytes:
    """The header of a file that holds a stream like this one; empty if the format refuses it."""
    file = io.BytesIO()
    try:
        with av.open(file, "w", format=container, container_options=dict(options or {})) as output:
            output.add_stream_from_template(stream, opaque=True)
            output.start_encoding()
            return file.getvalue()
    except (av.error.FFmpegError, ValueError):
        return b""


def _from_matroska(data: bytes) -> Header:
    elements = dict(_elements(data))

    def number(name: int) -> int:
        return int.from_bytes(elements.get(name, b""))

    siting = number(_SITING_ACROSS), number(_SITING_DOWN)
    vision = None
    if elements.get(_BLOCK_KIND) in _DOLBY_VISION and len(elements[_BLOCK_DATA]) >= _RECORD.size:
        _, _, flags, compatible = _RECORD.unpack_from(elements[_BLOCK_DATA])
        vision = flags >> 9, compatible >> 4
    projection = elements.get(_PROJECTION, b"")
    if not int.from_bytes(dict(ebml.elements(projection)).get(_PROJECTION_KIND, b"")):
        # A flat picture that is only turned.
        projection = b""
    stereo = number(_STEREO)
    return Header(
        (number(_LEFT), number(_TOP), number(_RIGHT), number(_BOTTOM)),
        _LOCATIONS.get(siting, 0),
        vision,
        Spatial(stereo, projection) if stereo or projection else None,
    )


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(number, content) of the elements within the masters above."""
    at = 0
    while at < len(data):
        number, size, at = ebml.head(data, at)
        if number not in _MASTERS:
            yield number, data[at : at + (size or 0)]
            at += size or 0


def _from_mov(data: bytes, width: int, height: int) -> Hidden:
    at = data.find(b"clap")
    if at < 0:
        return UNHIDDEN
    numbers = _APERTURE.unpack_from(data, at + 4)
    shown_width, shown_height, across, down = (
        over / under for over, under in zip(numbers[::2], numbers[1::2], strict=True)
    )
    left, top = (width - shown_width) / 2 + across, (height - shown_height) / 2 + down
    return (
        round(left),
        round(top),
        round(width - left - shown_width),
        round(height - top - shown_height),
    )


def undecoded(container: av.container.InputContainer) -> dict[int, str]:
    """FFmpeg's names of the codecs that it cannot decode, by their streams' numbers.

    PyAV gives none; where FFmpeg has no name either, the container's four letters stand for it.
    """
    if all(stream.codec_context is not None for stream in container.streams):
        return {}
    found = {}
    whole: Any = container
    # What FFmpeg says of a file goes through its log, whose level is the whole process's.
    with _LOG_LEVEL:
        level = av.logging.get_level()
        av.logging.set_level(av.logging.INFO)
        try:
            lines = whole.dumps_format().splitlines()
        finally:
            av.logging.set_level(level)
    for line in lines:
        match = _CODEC_LINE.search(line)
        if match:
            number, name, letters = match.groups()
            found[int(number)] = (letters or "") if name in {"none", "unknown"} else name
    return found
