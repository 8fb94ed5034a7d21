"""What a file is, by the end of its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from vidrestore.config.configuration import Config

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

PHOTOS: Final[Mapping[str, str]] = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), "JPEG"),
    ".png": "PNG",
    **dict.fromkeys((".tif", ".tiff"), "TIFF"),
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".avif": "AVIF",
    **dict.fromkeys((".heic", ".heif"), "HEIF"),
}
"""Photos that are read and written with all that belongs to them, as Pillow calls their kinds; of
each kind the usual ending first."""

# What the containers hold of what the options may ask for by name.
_OF_CODECS: Final = {"ffv1": ".mkv", "prores": ".mov", "dnxhd": ".mov", "libvpx-vp9": ".webm"}


def video_ending(own: str, config: Config) -> str:
    """How the name of a video's result ends where nobody says: as its source's, if that will do.

    Args:
        own: the end of the source's name.
        config: options of the result, whose encoder may not fit every container.
    """
    if config.output.compatible:
        return ".mp4"
    own = own.lower()
    wanted = _OF_CODECS.get(config.encoder.codec)
    if wanted is None:
        return own if own in CONTAINERS else ".mkv"
    return own if own in {wanted, ".mkv"} else wanted
