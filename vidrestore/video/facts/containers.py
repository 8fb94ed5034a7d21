"""What is known of the containers that results are written in: a row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Container:
    """A container, by the name of FFmpeg's muxer.

    Attributes:
        name: FFmpeg's.
        family: the notation that its files are written in: EBML (RFC 8794), ISO base media file
            format (ISO/IEC 14496-12; QuickTime's too) or RIFF.
        text: codec that converted subtitles become; None if it holds none.
        sound: codec that converted sound becomes, where no other keeps more of it.
        attached: whether covers are files attached to it.
        players: whether it is what phones, browsers and TVs are given.
    """

    name: str
    family: Literal["ebml", "isobmff", "riff"]
    text: str | None
    sound: str
    attached: bool = False
    players: bool = False


_ROWS: Final[Mapping[str, Container]] = {
    row.name: row
    for row in (
        Container("matroska", "ebml", "subrip", "flac", attached=True),
        Container("webm", "ebml", "webvtt", "libopus"),
        Container("mp4", "isobmff", "mov_text", "aac", players=True),
        Container("mov", "isobmff", "mov_text", "aac", players=True),
        Container("avi", "riff", None, "pcm_s16le"),
    )
}


NO_REPORT: Final = "the report is not attached: only Matroska holds it; name the output *.mkv"
"""The warning where a result has no place for one."""


def facts_of(name: str) -> Container:
    """What is known of a container, by the name of FFmpeg's muxer; it must be one of these."""
    return _ROWS[name]


def is_ebml(name: str) -> bool:
    """Whether a container is Matroska or WebM, by the name of FFmpeg's muxer."""
    return name in _ROWS and _ROWS[name].family == "ebml"


def is_isobmff(name: str) -> bool:
    """Whether a container is MP4 or MOV, by the name of FFmpeg's muxer."""
    return name in _ROWS and _ROWS[name].family == "isobmff"
