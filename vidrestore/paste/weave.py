"""Two restored fields become one interlaced frame again, for archives that keep what they have.

Each picture of a pair holds the lines of its own field as they were stored, and lines that were
made up between them. Only the first are taken, so outside the faces every sample is the source's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from vidrestore.datatypes import Image, PastedFrame, Region


class Weave:
    """Weaves pairs of fields; a ``Stage[PastedFrame, PastedFrame]``, whole frames pass as they are.

    A woven frame has the time of its first field and the duration of both; frames are counted anew.
    """

    latency: Final = 1
    memory: Final = 1

    def __init__(self) -> None:
        self._first: PastedFrame | None = None
        self._count = 0

    def push(self, item: PastedFrame, /) -> Iterable[PastedFrame]:
        """A frame for every two fields."""
        if item.frame.field == "frame":
            yield self._numbered(item)
        elif self._first is None:
            self._first = item
        else:
            first, self._first = self._first, None
            yield self._numbered(_woven(first, item))

    def flush(self) -> Iterable[PastedFrame]:
        """Fields come in pairs: nothing is left."""
        return ()

    def _numbered(self, item: PastedFrame) -> PastedFrame:
        numbered = replace(item, frame=replace(item.frame, index=self._count))
        self._count += 1
        return numbered


def _woven(first: PastedFrame, second: PastedFrame) -> PastedFrame:
    """The lines of both fields, in every plane."""
    a, b = first.frame, second.frame
    line = {"top": 1, "bottom": 0}[a.field]  # where the second field's lines begin
    planes: list[Image] = []
    for plane, other in zip(a.planes, b.planes, strict=True):
        woven = plane.copy()
        woven[line::2] = other[line::2]
        planes.append(woven)
    whole = replace(
        a.pasted(tuple(planes)),
        # Fields are timed in halves of the frames' unit of time.
        pts=a.pts // 2,
        duration=(a.duration + b.duration) // 2,
        time_base=a.time_base * 2,
        field="frame",
    )
    regions = _united(first.regions + second.regions)
    written = {region.track_id for region in regions}
    left = {face.track_id: face for face in second.left + first.left}
    return PastedFrame(
        whole,
        first.shot_start or second.shot_start,
        regions,
        tuple(left[key] for key in sorted(left.keys() - written)),
    )


def _united(regions: tuple[Region, ...]) -> tuple[Region, ...]:
    """One region per face, around what it covers in either field."""
    found: dict[int, Region] = {}
    for region in regions:
        known = found.get(region.track_id, region)
        found[region.track_id] = Region(
            region.track_id,
            min(known.x0, region.x0),
            min(known.y0, region.y0),
            max(known.x1, region.x1),
            max(known.y1, region.y1),
            max(known.share, region.share),
        )
    return tuple(found[key] for key in sorted(found))
