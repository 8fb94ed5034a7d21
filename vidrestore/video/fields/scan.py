"""How a video was scanned: progressive, interlaced, or film with 3:2 pulldown.

Flags are often wrong or missing, so the pictures are measured too, with FFmpeg's idet filter: it
compares the lines of each field with those of the frames beside it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

import av

from vidrestore.datatypes import ScanFacts
from vidrestore.video.facts.media import BOTTOM_FIRST, TOP_FIRST
from vidrestore.video.facts.timing import Slot
from vidrestore.video.pixels.graph import FilterChain

Order = Literal["top", "bottom"]
Placed = tuple[av.VideoFrame, Slot]

# Frames looked at before the work begins: four seconds of PAL.
FIRST_FRAMES = 100
# No format of more lines is interlaced, and none of fewer than a single field has. Small pictures
# that were reduced without care look combed to the filter wherever they move.
MOST_LINES = 1088
_FIELD_LINES = 240

# Of unflagged pictures so many must be combed in one order, and be this part of those that tell.
_LEAST_COMBED, _COMBED_PART = 10, 0.6
# So many progressive pictures outweigh a flag, if at most this part is combed.
_DECISIVE, _STRAY = 24, 0.05
# On the way: decided pictures remembered; with a flag, fewer combed ones are enough.
_WINDOW, _FLAGGED_WINDOW, _FLAGGED_COMBED = 25, 12, 4
# Pictures in a row without a comb after which unflagged material counts as progressive again.
_CALM = 120
_CYCLE = 5  # frames of 3:2 pulldown, two of which repeat a field


@dataclass(frozen=True, slots=True)
class ScanMarks:
    """What one picture tells.

    Attributes:
        flagged: whether the decoder calls it interlaced.
        combed: the field that comes first, None for a progressive picture or one that does not
            tell.
        progressive: whether it is surely progressive.
        repeated: whether it repeats a field of the picture before.
    """

    flagged: bool
    combed: Order | None
    progressive: bool
    repeated: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """How a video was scanned, from its first seconds.

    Attributes:
        kind: "telecined" is film with 3:2 pulldown.
        order: the field that comes first in time; meaningless for progressive.
        flagged: whether most pictures are flagged as interlaced.
        pictures: how many were looked at.
        combed: how many of them look interlaced.
        progressive: how many look progressive; the rest does not say.
    """

    kind: Literal["progressive", "interlaced", "telecined"] = "progressive"
    order: Order = "top"
    flagged: bool = False
    pictures: int = 0
    combed: int = 0
    progressive: int = 0

    def as_dict(self) -> ScanFacts:
        """What JSON can hold."""
        return {
            "kind": self.kind,
            "first_field": None if self.kind == "progressive" else self.order,
            "flagged_interlaced": self.flagged,
            "pictures_measured": self.pictures,
            "look_interlaced": self.combed,
            "look_progressive": self.progressive,
        }


def measurable(picture: av.VideoFrame) -> bool:
    """Whether pictures like this one can be interlaced at all."""
    return 2 < picture.height <= MOST_LINES


class Measure:
    """Passes pictures on together with what they tell; one is held back."""

    def __init__(self) -> None:
        self._chain: FilterChain | None = None
        self._held: deque[Placed] = deque()

    def __call__(
        self, pictures: Iterable[Placed]
    ) -> Iterator[tuple[av.VideoFrame, Slot, ScanMarks]]:
        """The same pictures, each once, in order."""
        for picture, slot in pictures:
            if self._chain is None:
                # Of RGB the light is measured, as of YUV.
                light = [("format", "gray")] if picture.format.is_rgb else []
                self._chain = FilterChain(picture, [*light, ("idet", "")])
            self._held.append((picture, slot))
            picture.pts = slot.pts
            yield from map(self._measured, self._chain.push(picture))
        if self._chain is not None:
            yield from map(self._measured, self._chain.flush())

    def _measured(self, measured: av.VideoFrame) -> tuple[av.VideoFrame, Slot, ScanMarks]:
        picture, slot = self._held.popleft()
        said = measured.metadata
        kind = said.get("lavfi.idet.single.current_frame")
        orders: dict[str | None, Order] = {"tff": "top", "bff": "bottom"}
        flagged = bool(picture.interlaced_frame)
        look = ScanMarks(
            flagged,
            orders.get(kind) if flagged or picture.height >= _FIELD_LINES else None,
            kind == "progressive",
            said.get("lavfi.idet.repeated.current_frame") in {"top", "bottom"},
        )
        return picture, slot, look


def scan(pictures: Iterable[Placed], field_order: int) -> Scan:
    """ScanMarks at the first pictures of a video.

    Args:
        pictures: from the first one on; not more than needed are taken.
        field_order: FFmpeg's AVFieldOrder of the stream.
    """
    looks = [look for _, _, look in Measure()(islice(pictures, FIRST_FRAMES))]
    top = sum(look.combed == "top" for look in looks)
    bottom = sum(look.combed == "bottom" for look in looks)
    progressive = sum(look.progressive for look in looks)
    flagged = 2 * sum(look.flagged for look in looks) > len(looks)
    combed, stray = max(top, bottom), min(top, bottom)
    order: Order = "top" if top >= bottom else "bottom"
    clear = combed >= _LEAST_COMBED and stray <= combed / 10
    if not clear and field_order in TOP_FIRST | BOTTOM_FIRST:
        order = "top" if field_order in TOP_FIRST else "bottom"
    seen = {
        "order": order,
        "flagged": flagged,
        "pictures": len(looks),
        "combed": top + bottom,
        "progressive": progressive,
    }
    decisive = progressive >= _DECISIVE and top + bottom <= _STRAY * progressive
    if clear and _pulled_down(looks):
        return Scan("telecined", **seen)  # type: ignore[arg-type]
    if flagged and not decisive:
        return Scan("interlaced", **seen)  # type: ignore[arg-type]
    if clear and combed >= _COMBED_PART * (combed + stray + progressive):
        return Scan("interlaced", **seen)  # type: ignore[arg-type]
    return Scan("progressive", **seen)  # type: ignore[arg-type]


def _pulled_down(looks: list[ScanMarks]) -> bool:
    """Whether two of every five pictures, always the same ones, repeat a field."""
    repeats = [0] * _CYCLE
    for index, look in enumerate(looks):
        repeats[index % _CYCLE] += look.repeated
    cycles = len(looks) // _CYCLE
    often = sum(count >= 0.6 * cycles for count in repeats)
    never = sum(count <= 0.1 * cycles for count in repeats)
    return cycles >= 4 and often == 2 and never == 3


@dataclass
class Watch:
    """Whether the video is interlaced just now; begins with what its first seconds showed.

    Attributes:
        interlaced: the present answer.
        order: the field that comes first.
    """

    interlaced: bool
    order: Order
    _combs: deque[Order | None] = field(default_factory=lambda: deque(maxlen=_WINDOW))
    _calm: int = 0

    def observe(self, look: ScanMarks) -> None:
        """Take one more picture into account."""
        if look.combed or look.progressive:
            self._combs.append(look.combed)
            self._calm = 0 if look.combed else self._calm + 1
        if not self.interlaced:
            self._may_begin(look.flagged)
        elif not look.flagged and self._calm >= _CALM:
            self.interlaced = False

    def _may_begin(self, flagged: bool) -> None:
        combs = list(self._combs)[-(_FLAGGED_WINDOW if flagged else _WINDOW) :]
        top, bottom = combs.count("top"), combs.count("bottom")
        needed = _FLAGGED_COMBED if flagged else _COMBED_PART * _WINDOW
        if max(top, bottom) >= needed and min(top, bottom) <= max(top, bottom) / 10:
            self.interlaced = True
            self.order = "top" if top > bottom else "bottom"
