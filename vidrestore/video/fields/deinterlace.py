"""From fields to frames: what is interlaced is deinterlaced by FFmpeg's bwdif filter.

bwdif keeps the lines of one field as they are and fills the other's from space and time. Its own
time stamps are not used: pictures come out in the order in which they went in, so each gets its
slot back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import av

from vidrestore.config import InterlacedConfig
from vidrestore.datatypes import Field
from vidrestore.errors import InputError
from vidrestore.video.facts.media import PROGRESSIVE, MediaInfo, Picture
from vidrestore.video.facts.timecode import Timecode
from vidrestore.video.facts.timing import Slot
from vidrestore.video.fields.scan import Measure, Order, Placed, Scan, Watch, measurable
from vidrestore.video.fields.widened import filterable, narrowed
from vidrestore.video.pixels.captions import silent
from vidrestore.video.pixels.graph import FilterChain
from vidrestore.video.pixels.sidedata import SideDataReader


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture ready to be restored.

    Attributes:
        picture: its samples.
        slot: its time, in units of the treatment's own time base.
        stored: the picture that it was made from, where that one is written back.
        field: the field that it stands for in ``stored``.
        deinterlaced: stored pictures that were deinterlaced for it.
    """

    picture: av.VideoFrame
    slot: Slot
    stored: av.VideoFrame | None = None
    field: Field = "frame"
    deinterlaced: int = 0


class Deinterlacer:
    """Deinterlaces where the material is interlaced, and leaves alone where it is not.

    Args:
        config: what is asked for.
        scan: what the first seconds showed.

    Attributes:
        parts: into how many units the source's unit of time is divided.
        rate: pictures of the result for each one taken.
    """

    def __init__(self, config: InterlacedConfig, scan: Scan) -> None:
        self._watching = config.mode == "auto"
        known: dict[str, Order] = {"top": "top", "bottom": "bottom"}
        order = known.get(config.order, scan.order)
        self._fixed_order = config.order != "auto"
        found = scan.kind != "progressive"
        self._watch = Watch(found if self._watching else _treated(config.mode, found), order)
        self._keep = config.mode == "keep" and found
        self._doubled = self._watch.interlaced and (self._keep or config.rate == "field")
        self.parts = 2 if self._doubled else 1
        self.rate = Fraction(1 if self._keep else self.parts)
        self._order = order
        self._chain: FilterChain | None = None
        self._pending: deque[Placed] = deque()
        self._attached = SideDataReader()

    def __call__(self, pictures: Iterable[Placed]) -> Iterator[Shown]:
        """The pictures to restore, in order."""
        before: av.VideoFrame | None = None
        for picture, slot, interlaced in self._judged(pictures):
            if interlaced and self._chain is None:
                self._begin(picture, before)
            if interlaced:
                yield from self._pushed(picture, slot)
            else:
                yield from self._ended()
                yield Shown(picture, self._finer(slot))
            before = picture
        yield from self._ended()

    def _judged(self, pictures: Iterable[Placed]) -> Iterator[tuple[av.VideoFrame, Slot, bool]]:
        """Pictures and whether each is to be deinterlaced."""
        iterator = iter(pictures)
        first = next(iterator, None)
        if first is None:
            return
        every = _chained(first, iterator)
        if not (self._watching and measurable(first[0])):
            for picture, slot in every:
                yield picture, slot, self._watch.interlaced
            return
        for picture, slot, look in Measure()(every):
            self._watch.observe(look)
            yield picture, slot, self._watch.interlaced

    def _begin(self, picture: av.VideoFrame, before: av.VideoFrame | None) -> None:
        """Open the filter; the picture before, already delivered, gives it something to go by."""
        if not self._fixed_order:
            self._order = self._watch.order
        mode = "send_field" if self._doubled else "send_frame"
        parity = {"top": "tff", "bottom": "bff"}[self._order]
        settings = f"mode={mode}:parity={parity}:deint=all"
        self._chain = FilterChain(filterable(picture), [("bwdif", settings)])
        self._unwanted = 0
        if before is not None:
            self._chain.push(filterable(before))
            self._unwanted = self.parts

    def _pushed(self, picture: av.VideoFrame, slot: Slot) -> Iterator[Shown]:
        assert self._chain is not None
        self._pending.append((picture, slot))
        # bwdif only compares times; any that rise will do.
        picture.pts = slot.pts
        yield from self._paired(self._chain.push(filterable(picture)))

    def _ended(self) -> Iterator[Shown]:
        if self._chain is not None:
            yield from self._paired(self._chain.flush())
            self._chain = None

    def _paired(self, made: list[av.VideoFrame]) -> Iterator[Shown]:
        """Give what came out the times of what went in."""
        skipped = min(self._unwanted, len(made))
        self._unwanted -= skipped
        made = made[skipped:]
        while made:
            stored, slot = self._pending.popleft()
            ready = [narrowed(picture, stored) for picture in made[: self.parts]]
            made = made[self.parts :]
            for picture in ready:
                if picture.format.name != stored.format.name:
                    raise InputError(
                        f"{stored.format.name} video cannot be deinterlaced; treat it as it is "
                        "stored with interlaced.mode never"
                    )
            yield from self._timed(ready, stored, slot)

    def _timed(
        self, made: list[av.VideoFrame], stored: av.VideoFrame, slot: Slot
    ) -> Iterator[Shown]:
        if not self._doubled:
            yield Shown(made[0], slot, deinterlaced=1)
            return
        # A field lasts half as long as its frame: exactly the source's duration in finer units.
        half = slot.duration or (self._pending[0][1].pts - slot.pts if self._pending else 1)
        fields: tuple[Field, Field] = (
            ("top", "bottom") if self._order == "top" else ("bottom", "top")
        )
        for number, picture in enumerate(made):
            timed, anew = replace(slot, pts=2 * slot.pts + number * half, duration=half), not number
            if self._keep:
                yield Shown(picture, timed, stored, fields[number], deinterlaced=anew)
            else:
                said = picture if anew else silent(picture, self._attached)
                yield Shown(said, timed, deinterlaced=anew)

    def _finer(self, slot: Slot) -> Slot:
        return replace(slot, pts=slot.pts * self.parts, duration=slot.duration * self.parts)


def scanned_as(
    media: MediaInfo, found: Scan, config: InterlacedConfig, parts: int, ratio: Fraction
) -> MediaInfo:
    """The file as its pictures come out of a ``Deinterlacer``: rate, time base and field order.

    Args:
        media: the file.
        found: how it was scanned.
        config: what is done about it.
        parts: as the treatment divides the unit of time.
        ratio: of the result's rate to the file's.
    """
    picture, stream = media.picture, media.stream
    kept = config.mode == "keep" and found.kind != "progressive"
    if kept:
        first = found.order if config.order == "auto" else config.order
        picture = replace(picture, interlaced=True, field_order=2 if first == "top" else 3)
    elif config.mode == "always" or (config.mode == "auto" and found.kind != "progressive"):
        picture = replace(picture, interlaced=False, field_order=PROGRESSIVE)
        rate, frames = picture.rate, picture.frames
        picture = replace(
            picture, rate=rate and rate * ratio, frames=frames and round(frames * ratio)
        )
    elif config.mode == "auto":
        # What is flagged wrongly loses the flag.
        flag = PROGRESSIVE if picture.interlaced else picture.field_order
        picture = replace(picture, interlaced=False, field_order=flag)
    base = stream.time_base and stream.time_base / (1 if kept else parts)
    tags = _counted(stream.metadata, stream.picture, picture)
    changed = replace(stream, picture=picture, time_base=base, metadata=tags)
    streams = tuple(changed if s.index == stream.index else s for s in media.streams)
    return replace(media, streams=streams)


def _counted(tags: Mapping[str, str], before: Picture | None, after: Picture) -> Mapping[str, str]:
    """Tags whose timecode counts the pictures of the result."""
    if before is None or before.rate is None or after.rate in {None, before.rate}:
        return tags
    code = Timecode.parse(tags.get("timecode", ""), before.rate)
    assert after.rate is not None
    return tags if code is None else {**tags, "timecode": str(code.at(after.rate))}


def _treated(mode: Literal["auto", "always", "never", "keep"], found: bool) -> bool:
    """Whether everything is taken for interlaced, where nothing is watched."""
    return mode == "always" or (mode == "keep" and found)


def _chained(first: Placed, rest: Iterator[Placed]) -> Iterator[Placed]:
    yield first
    yield from rest
