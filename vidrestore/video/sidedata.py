"""What a decoder attaches to a picture beside its samples."""

from __future__ import annotations

import av
from av.sidedata.sidedata import SideData

from vidrestore.video.graph import FilterChain

# FFmpeg 8's kinds that PyAV 18 has no name for (LCEVC, views, displays, EXIF): with one of them on
# a picture PyAV shows none at all.
_NAMELESS = range(28, 32)


def attached(picture: av.VideoFrame, kind: str) -> bytes | None:
    """The side data of a kind, by PyAV's name such as "DISPLAYMATRIX"; None if there is none."""
    try:
        found = picture.side_data
    except ValueError:
        filters = [("sidedata", f"mode=delete:type={number}") for number in _NAMELESS]
        (named,) = FilterChain(picture, filters).push(picture)
        found = named.side_data
    data = found.get(kind)
    return bytes(data) if isinstance(data, SideData) else None
