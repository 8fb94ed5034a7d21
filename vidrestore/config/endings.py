"""What a file is, by the end of its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CONTAINERS: Final[Mapping[str, str]] = {
    ".mkv": "matroska",
    ".mp4": "mp4",
    ".m4v": "mp4",
    ".mov": "mov",
    ".webm": "webm",
    ".avi": "avi",
}
"""Videos that may be written, as FFmpeg's muxers are called."""

VIDEOS: Final = frozenset(CONTAINERS) | frozenset(
    f".{name}"
    for name in (
        *("3g2", "3gp", "asf", "divx", "dv", "f4v", "flv", "h264", "h265", "hevc", "ivf", "m2ts"),
        *("m2v", "mjpeg", "mjpg", "mpe", "mpeg", "mpg", "mts", "mxf", "nut", "obu", "ogm", "ogv"),
        *("qt", "rm", "rmvb", "ts", "vob", "wmv", "wtv", "y4m"),
    )
)
"""Names that videos have; any file that FFmpeg knows is read, whatever it is called."""

PICTURES: Final = frozenset(
    f".{name}"
    for name in ("png", "jpg", "jpeg", "tif", "tiff", "bmp", "dpx", "exr", "webp", "jp2", "tga")
)
"""Kinds of pictures that are read; FFmpeg knows each by its content."""
