"""What is known about a file before it is restored; free of PyAV, ready for JSON.

Times are exact fractions of a second; in ``as_dict`` they become seconds as floats, rates and
aspect ratios become text such as "30000/1001".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from vidrestore.config import InputConfig
from vidrestore.video.facts.tags import UNTAGGED, Colour

# FFmpeg's AVFieldOrder: what is shown top field first is TT or BT, bottom field first BB or TB.
PROGRESSIVE = 1
TOP_FIRST, BOTTOM_FIRST = frozenset({2, 5}), frozenset({3, 4})

StreamKind = Literal["video", "audio", "subtitle", "data", "attachment", "unknown"]


Hidden = tuple[int, int, int, int]
UNHIDDEN: Hidden = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Spatial:
    """What tells players that a picture shows 3D or a sphere, as containers write it.

    Attributes:
        stereo: Matroska's StereoMode; 0 for one view.
        projection: the content of Matroska's Projection; empty for a flat picture.
        boxes: the same of MP4 and MOV ("st3d", "sv3d").
    """

    stereo: int = 0
    projection: bytes = b""
    boxes: bytes = b""

    def __str__(self) -> str:
        """As a message names it."""
        marks = [("3D", bool(self.stereo)), ("360 degrees", bool(self.projection))]
        return f"the {' and '.join(name for name, there in marks if there)} mark"


@dataclass(frozen=True, slots=True)
class Picture:
    """What is particular to a video stream.

    Attributes:
        width: stored columns.
        height: stored rows.
        pix_fmt: FFmpeg's name of the decoder's format.
        rate: average frames per second; None if unknown.
        frames: how many the header claims; None if it does not say. Never to be relied on.
        sample_aspect: width of a pixel over its height.
        rotation: degrees counter-clockwise that a player turns the stored picture.
        display_matrix: the nine numbers of the display matrix, as FFmpeg holds them; None if the
            file has none.
        colour: tags as the decoder reports them.
        interlaced: whether the first frame is flagged as interlaced.
        field_order: FFmpeg's AVFieldOrder; 0 unknown, 1 progressive.
        hidden: stored columns and rows that players do not show, as the container asks: left, top,
            right, bottom.
        spatial: what tells of 3D or a sphere; None for an ordinary picture.
    """

    width: int
    height: int
    pix_fmt: str
    rate: Fraction | None = None
    frames: int | None = None
    sample_aspect: Fraction = Fraction(1)
    rotation: int = 0
    display_matrix: tuple[int, ...] | None = None
    colour: Colour = UNTAGGED
    interlaced: bool = False
    field_order: int = 0
    hidden: Hidden = UNHIDDEN
    spatial: Spatial | None = None

    @property
    def upright(self) -> int:
        """Degrees counter-clockwise, in quarter turns, that bring the top of what is shown up.

        A mirrored picture stays mirrored: a face is one either way round.
        """
        if self.display_matrix is None:
            return 0
        # Where what is shown as up points to in the stored picture: the matrix maps rows of xy.
        x, y = -self.display_matrix[1], -self.display_matrix[4]
        if abs(x) > abs(y):
            return 90 if x > 0 else 270
        return 180 if y > 0 else 0

    @property
    def display_aspect(self) -> Fraction:
        """Width over height as shown, before rotation."""
        left, top, right, bottom = self.hidden
        shown = Fraction(self.width - left - right, self.height - top - bottom)
        return shown * self.sample_aspect

    def as_dict(self) -> dict[str, object]:
        """What JSON can hold."""
        return {
            "width": self.width,
            "height": self.height,
            "pix_fmt": self.pix_fmt,
            "rate": None if self.rate is None else str(self.rate),
            "frames_claimed": self.frames,
            "sample_aspect": str(self.sample_aspect),
            "display_aspect": str(self.display_aspect),
            "rotation": self.rotation,
            "colour": self.colour.as_dict(),
            "interlaced": self.interlaced,
            "stereo": self.spatial is not None and self.spatial.stereo > 0,
            "spherical": self.spatial is not None and bool(self.spatial.projection),
            "hidden": dict(zip(("left", "top", "right", "bottom"), self.hidden, strict=True)),
        }


@dataclass(frozen=True, slots=True)
class Sound:
    """What is particular to an audio stream.

    Attributes:
        sample_rate: samples per second.
        channels: how many.
        layout: FFmpeg's name of where they are heard.
        format: FFmpeg's name of the decoded samples' format, such as "s16" or "fltp".
    """

    sample_rate: int
    channels: int
    layout: str
    format: str = ""

    def as_dict(self) -> dict[str, object]:
        """What JSON can hold."""
        return {
            "sample_rate": self.sample_rate,
            "channels": self.channels,
            "layout": self.layout,
            "sample_format": self.format,
        }


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """One stream of a file.

    Attributes:
        index: its number in the file, from 0.
        kind: what it carries.
        codec: FFmpeg's name; empty if unknown.
        language: as tagged; None if not.
        title: as tagged; None if not.
        disposition: FFmpeg's names, such as ("default", "forced").
        time_base: seconds per unit of its time stamps; None if unknown.
        start: time of its first sample, seconds; None if unknown.
        duration: seconds; None if unknown.
        metadata: all tags.
        picture: of a video stream.
        sound: of an audio stream.
    """

    index: int
    kind: StreamKind
    codec: str
    language: str | None = None
    title: str | None = None
    disposition: tuple[str, ...] = ()
    time_base: Fraction | None = None
    start: Fraction | None = None
    duration: Fraction | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    picture: Picture | None = None
    sound: Sound | None = None

    def __str__(self) -> str:
        """As a message names it: "audio stream 1 (aac, eng)"."""
        notes = [note for note in (self.codec or "unknown codec", self.language) if note]
        return f"{self.kind} stream {self.index} ({', '.join(notes)})"

    def as_dict(self) -> dict[str, object]:
        """What JSON can hold."""
        entries: dict[str, object] = {
            "index": self.index,
            "kind": self.kind,
            "codec": self.codec,
            "language": self.language,
            "title": self.title,
            "disposition": list(self.disposition),
            "time_base": None if self.time_base is None else str(self.time_base),
            "start": _seconds(self.start),
            "duration": _seconds(self.duration),
            "metadata": dict(self.metadata),
        }
        for part in (self.picture, self.sound):
            if part is not None:
                entries.update(part.as_dict())
        return entries


@dataclass(frozen=True, slots=True)
class Chapter:
    """A named stretch of time, in seconds on the file's own clock."""

    id: int
    start: Fraction
    end: Fraction
    metadata: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """What JSON can hold."""
        return {
            "start": _seconds(self.start),
            "end": _seconds(self.end),
            "title": self.metadata.get("title"),
        }


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A file that can be restored.

    Attributes:
        path: where it is read.
        container: FFmpeg's name of the format.
        size: bytes.
        start: time of the earliest sample, seconds; ``--from`` and ``--to`` count from here.
        duration: seconds; None if the container does not say.
        streams: all of them, in the file's order.
        restored: index of the video stream that is restored.
        reason: in a few words, why that one.
        chapters: in order.
        metadata: the container's tags.
        name: as the user named it; empty if that is ``path``.
        captions: whether the first pictures carry closed captions.
        tags_encoding: what the tags' encoding was taken for; empty for UTF-8.
        limits: what it is opened under, each time.
    """

    path: str
    container: str
    size: int
    start: Fraction
    duration: Fraction | None
    streams: tuple[StreamInfo, ...]
    restored: int
    reason: str
    chapters: tuple[Chapter, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    captions: bool = False
    tags_encoding: str = ""
    limits: InputConfig = field(default_factory=InputConfig)

    @property
    def stream(self) -> StreamInfo:
        """The stream that is restored."""
        return self.streams[self.restored]

    @property
    def picture(self) -> Picture:
        """What is particular to the stream that is restored."""
        picture = self.stream.picture
        assert picture is not None
        return picture

    def restored_as(self, stream: StreamInfo) -> MediaInfo:
        """The file with something else in place of the stream that is restored."""
        streams = tuple(stream if each.index == stream.index else each for each in self.streams)
        return replace(self, streams=streams)

    def as_dict(self) -> dict[str, object]:
        """What JSON can hold."""
        return {
            "path": self.name or self.path,
            "container": self.container,
            "size": self.size,
            "start": float(self.start),
            "duration": _seconds(self.duration),
            "restored_stream": self.restored,
            "restored_because": self.reason,
            "streams": [stream.as_dict() for stream in self.streams],
            "chapters": [chapter.as_dict() for chapter in self.chapters],
            "metadata": dict(self.metadata),
        }


def _seconds(time: Fraction | None) -> float | None:
    return None if time is None else float(time)
