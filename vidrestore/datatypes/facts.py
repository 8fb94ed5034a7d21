"""What reports say of a source and its streams: mappings that JSON can hold, with their types."""

from __future__ import annotations

from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12


class StreamFate(TypedDict):
    """What became of a stream of the source, known by its index; ``fate`` in words."""

    index: int
    kind: str
    codec: str
    language: str | None
    fate: str


DamageEntry = TypedDict(
    "DamageEntry",
    {
        "kind": str,
        "stream": int | None,
        "count": int,
        "from": float | None,
        "to": float | None,
        "done": str,
    },
)
"""What was wrong with the source in one stretch of time: its kind (docs/damage.md), the stream's
index (None for the file), how often, seconds (None if unknown), and what was done about it."""


class ScanFacts(TypedDict):
    """How a video was scanned, by its flags and by its pictures."""

    kind: str
    first_field: str | None
    flagged_interlaced: bool
    pictures_measured: int
    look_interlaced: int
    look_progressive: int


class PictureFacts(TypedDict, total=False):
    """How pictures are stored and understood, and what was done to them; as far as it is known.

    ``shown``: x0, y0, x1, y1 of what is left where the container hides borders. What begins with
    ``format`` and ends with ``orientation`` is of photos. ``source_frame`` is the number in the
    source, from 0, of the job's first frame: by its time, as if all were evenly spaced. The last
    four count
    frames; ``background_boil`` is the restlessness, levels from frame to frame, that redrawing the
    background adds where the source rests.
    """

    kind: str
    scan: ScanFacts
    deinterlaced: int
    written: str
    rate: str | None
    captioned: int
    matrix: str | None
    matrix_assumed: bool
    range: str
    range_assumed: bool
    chroma_location: str | None
    chroma_location_assumed: bool
    shown: tuple[int, int, int, int] | None
    format: str
    pages: int
    width: int
    height: int
    bits: int
    layout: str
    alpha: bool
    orientation: int
    source_frame: int
    background_boil: float
    colourless_frames: int
    flickering_frames: int
    deflickered_frames: int
    repaired_frames: int
