"""Options of reading the source."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vidrestore.config.origin import Reaches
from vidrestore.config.section import Section


class InterlacedConfig(Section):
    """Video whose frames hold two moments, line by line."""

    mode: Literal["auto", "always", "never", "keep"] = Field(
        "auto",
        description="auto deinterlaces what is flagged or measured as interlaced; always: all; "
        "never: frames stay as stored; keep: fields are restored and stay interlaced.",
    )
    rate: Literal["frame", "field"] = Field(
        "frame",
        description="One picture per frame, or one per field: twice the rate, all of the motion.",
    )
    order: Literal["auto", "top", "bottom"] = Field(
        "auto", description="The field that comes first in time, where flags and pictures mislead."
    )
    pulldown: Literal["leave", "remove"] = Field(
        "leave", description="Where film has 3:2 pulldown, remove gives its 24 pictures a second."
    )


class InputConfig(Section):
    """Reading the source."""

    stream: int | None = Field(
        None,
        ge=0,
        description="Which video stream is restored, by FFmpeg's number as inspect tells it; "
        "without it one that moves and lasts, then the default, then the largest.",
    )
    rate: float = Field(
        25.0, gt=0, le=1000, description="Frames per second of a sequence of pictures."
    )
    max_pixels: int = Field(
        1 << 27,
        ge=1,
        le=1 << 31,
        description="Pixels per frame above which a file is refused; it could fill the memory.",
    )
    max_gigapixels: float | None = Field(
        None,
        gt=0,
        description="Thousands of millions of pixels, over all frames, above which a file is "
        "refused: a small file can hold days of work. An hour of 1080p at 25 frames/s has 187.",
    )
    spool: float = Field(
        50.0,
        gt=0,
        description="Gigabytes that a pipe may deliver; they are kept in a temporary file.",
    )
    resize: Literal["refuse", "first"] = Field(
        "refuse",
        description="When the picture's size changes on the way: refuse the file, or fit what "
        "comes into the first size, with bars.",
    )
    budget: Literal["generous", "strict"] = Field(
        "generous",
        description="What opening a file may cost: strict, for files of strangers, allows 60 s of "
        "processor time, 2 GB and 8K frames, and opens each in a process of its own first.",
    )
    playlist: Annotated[Literal["refuse", "below"], Reaches("files")] = Field(
        "refuse",
        description="Playlists (HLS, ffconcat): refuse them, or open what they name below their "
        "own folder; not from a preset file.",
    )
    mask: Annotated[str | None, Reaches("files")] = Field(
        None,
        description="For a photo: a picture of the same size, white where it is damaged; that is "
        "filled in from its surroundings before faces are restored. Not from a preset file.",
    )
    borders: Literal["crop", "keep"] = Field(
        "crop",
        description="Borders that the container hides from players: crop leaves them out; keep "
        "keeps them, and the result shows them.",
    )
