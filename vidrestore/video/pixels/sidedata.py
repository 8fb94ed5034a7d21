"""What a decoder attaches to a picture beside its samples."""

from __future__ import annotations

import av
from av.sidedata.sidedata import SideData

from vidrestore.video.pixels.graph import FilterChain

# PyAV 18 must not look at a picture that carries one of these: it frees the name of an ICC profile
# a second time, which ends the program, and of FFmpeg 8's newest kinds (LCEVC, views, displays,
# EXIF) it knows no name, and shows none of the others either.
_UNREADABLE = ("ICC_PROFILE", *range(28, 32))


class SideDataReader:
    """Reads side data from a second reference to each picture, without what PyAV cannot read."""

    def __init__(self) -> None:
        self._chain: FilterChain | None = None
        self._alike: tuple[object, ...] = ()

    def read(self, picture: av.VideoFrame, kind: str) -> bytes | None:
        """The side data of a kind, by PyAV's name such as "DISPLAYMATRIX"; None if there is none.

        Args:
            picture: stays as it is.
            kind: not an ICC profile.
        """
        alike = (
            *(picture.width, picture.height, picture.format.name),
            *(picture.colorspace, picture.color_range),
        )
        if self._chain is None or alike != self._alike:
            filters = [("sidedata", f"mode=delete:type={unread}") for unread in _UNREADABLE]
            self._chain, self._alike = FilterChain(picture, filters), alike
        (readable,) = self._chain.push(picture)
        data = readable.side_data.get(kind)
        return bytes(data) if isinstance(data, SideData) else None


def has_profile(picture: av.VideoFrame) -> bool:
    """Whether a picture carries an ICC profile of its colours."""
    return bool(FilterChain(picture, [("sidedata", "mode=select:type=ICC_PROFILE")]).push(picture))
