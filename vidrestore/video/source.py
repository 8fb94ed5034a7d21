"""Reading a video: every frame with its own time and the decoder's own samples."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import av

from vidrestore.config import InputConfig, InterlacedConfig
from vidrestore.datatypes import DamageEntry, Frame, FrameFormat, PictureFacts
from vidrestore.errors import InputError
from vidrestore.runtime.stoppable import stoppable
from vidrestore.video.containers.motion_photo import film_behind, film_warning
from vidrestore.video.decode.budget import Budget
from vidrestore.video.decode.cropping import Cropper
from vidrestore.video.demux.choice import left_alone
from vidrestore.video.demux.origin import Origin
from vidrestore.video.demux.probe import probe
from vidrestore.video.demux.spool import Readable
from vidrestore.video.facts.damage import Damage
from vidrestore.video.facts.decoded import Decoded
from vidrestore.video.facts.media import UNHIDDEN, MediaInfo
from vidrestore.video.facts.segment import WHOLE, Segment, Span
from vidrestore.video.fields.deinterlace import Shown, scanned_as
from vidrestore.video.fields.scan import Scan
from vidrestore.video.passes import Passes
from vidrestore.video.pixels import formats, planes


class VideoSource:
    """The frames of a file in presentation order; implements ``stages.Source``.

    Packed, semi-planar, palette and big-endian formats arrive in the planar format that holds the
    same code values. ``frame.planes`` are views of the decoder's memory: they stay valid as long as
    they are held, and must not be written.

    Iterating again starts again. One iteration at a time; ``close`` may be called from any thread.

    Args:
        path: a file, a pipe, a pattern or a folder of pictures, or an open file; see
            ``origin.Origin``.
        start: seconds from the file's beginning (``info.start``) of the first frame wanted.
        end: seconds from the file's beginning before which the last frame wanted begins.
        interlaced: what is done about interlaced material.
        config: limits; the defaults if None.
        stop: set it from anywhere to give up waiting for a pipe or a file.
        strict: whether pixels that change their aspect on the way are refused, not only reported.

    Attributes:
        info: what is in the file.
        scan: how it was scanned, from its first seconds.
        delivered: the same, as its frames come out of here: rate, time base, field order.
        format: of every frame.
        start: as given.
        end: as given.

    Raises:
        InputError: one line, if the file cannot be used, no frame can be decoded, or none lies in
            the range; later, while iterating, if the picture's size changes on the way.
    """

    def __init__(
        self,
        path: str | Path | Readable,
        *,
        start: Fraction | None = None,
        end: Fraction | None = None,
        interlaced: InterlacedConfig | None = None,
        config: InputConfig | None = None,
        stop: threading.Event | None = None,
        strict: bool = False,
    ) -> None:
        if start is not None and end is not None and end <= start:
            raise InputError(
                f"the range ends at {float(end):g} s, before or where it starts "
                f"({float(start):g} s); name a later end"
            )
        self.start, self.end = start, end
        self._begins = start or Fraction(0)
        self._config = config or InputConfig()
        self._interlaced = interlaced or InterlacedConfig()
        self._strict = strict
        self._lock = threading.RLock()
        self._closed = False
        self._origin = Origin(path, self._config, stop)
        self.path = self._origin.path
        try:
            with self._origin.named():
                stoppable(self._begun, stop, discard=lambda _: self.close())
        except BaseException:
            self._origin.close()
            raise

    def _begun(self) -> None:
        """Look into the file and decode its first frame."""
        self.info: MediaInfo = replace(probe(self.path, self._config), name=self._origin.name)
        self.delivered: MediaInfo = self.info
        self._film = film_behind(self.path)
        budget = Budget(self._config.max_gigapixels, self.path)
        budget.claimed(self.info.picture, self.frame_estimate)
        asked = Span(*(None if t is None else self.info.start + t for t in (self.start, self.end)))
        self._passes = Passes(self.info, asked, self._config, self._interlaced, strict=self._strict)
        self.scan: Scan
        self.scan, captioned = self._passes.scanned()
        self.info = self.delivered = replace(self.info, captions=self.info.captions or captioned)
        self._joined: Decoded | None = None
        self._pass = self._passes.open(self.scan, WHOLE)
        self._begins = self.first - self.info.start
        self._fresh = True
        self._stored = self._format_of(self._pass.first.picture)
        self.delivered = scanned_as(
            self.info, self.scan, self._interlaced, self._pass.parts, self._pass.rate
        )
        hidden = UNHIDDEN if self._config.borders == "keep" else self.info.picture.hidden
        lines = 2 if self.delivered.picture.interlaced else 1
        self._crop = Cropper(hidden, self._stored, lines)
        self.format: FrameFormat = self._crop.format

    def _format_of(self, picture: av.VideoFrame) -> FrameFormat:
        return planes.format_of(picture, self.info.picture.colour.chroma_location)

    @property
    def time_base(self) -> Fraction:
        """Seconds per unit of the frames' time stamps."""
        return self._pass.time_base

    @property
    def first(self) -> Fraction:
        """Time of the first frame, seconds of the file's clock; not once a segment was read."""
        return self._pass.first.slot.pts * self._pass.time_base

    @property
    def rate(self) -> Fraction:
        """Frames for each picture that is stored; two fields of one frame are one."""
        return self._pass.rate

    @property
    def decoded(self) -> Decoded:
        """Facts of what was read so far: of the last pass, or of all that were joined."""
        return self._joined or self._pass.decoded

    @property
    def deinterlaced(self) -> int:
        """Stored pictures that were deinterlaced so far."""
        return self.decoded.deinterlaced

    @property
    def description(self) -> PictureFacts:
        """How the pictures are understood and what was done to them so far; ready for JSON."""
        return {
            "scan": self.scan.as_dict(),
            "deinterlaced": self.deinterlaced,
            "written": "interlaced" if self.delivered.picture.interlaced else "as frames",
            "rate": None if (rate := self.delivered.picture.rate) is None else str(rate),
            "captioned": self.decoded.captioned,
            **formats.understood(self.format, self.info.picture.colour),
            "shown": self._crop.shown,
        }

    @property
    def damage(self) -> list[DamageEntry]:
        """What was wrong with the file so far; see ``Damage.entries``."""
        return self.decoded.damage.entries()

    @property
    def warnings(self) -> list[str]:
        """What was wrong with the file so far, one line each."""
        name = Path(self._origin.name).name
        lines = self.decoded.damage.warnings
        if self.scan.kind == "telecined":
            lines.append(
                "film with 3:2 pulldown; interlaced.pulldown remove gives its own pictures"
            )
            if self._interlaced.pulldown == "remove" and self.decoded.captioned:
                lines.append("the closed captions of the pictures that were removed are lost")
        if self.scan.flagged and self.scan.kind == "progressive":
            lines.append("flagged as interlaced, but its pictures are progressive")
        ended = self.decoded.end if self.end is None else None
        lines += left_alone(self.info, self._config.stream, ended)
        if self._film is not None:
            lines.append(film_warning(self._film))
        if self._crop.shown is not None:
            size = f"{self.format.width}x{self.format.height}"
            lines.append(f"the container hides borders; they are left out, {size} remain")
        elif any(self.info.picture.hidden):
            lines.append("the borders that the container hides are shown in the result")
        return [f"{name}: {line}" for line in lines]

    @property
    def divisible(self) -> bool:
        """Whether segments may be read one by one: not out of pulldown, which has a cycle."""
        cyclic = self.scan.kind == "telecined" and self._interlaced.pulldown == "remove"
        return self._origin.lasting and not cyclic

    @property
    def last(self) -> Fraction | None:
        """Seconds from the file's beginning to where its frames end, as the container claims."""
        stream = self.info.stream
        if not stream.duration:
            return self.info.duration
        # A stream's own length counts from its first frame, which may come after the sound's.
        return stream.duration + (stream.start or self.info.start) - self.info.start

    @property
    def duration(self) -> Fraction | None:
        """Seconds that the frames will cover, as the container claims; None if it does not."""
        ends = [end for end in (self.last, self.end) if end is not None]
        return max(Fraction(0), min(ends) - self._begins) if ends else None

    @property
    def frame_estimate(self) -> int | None:
        """About how many frames there will be; for progress only, None if nothing is known."""
        picture = self.delivered.picture
        if self.start is None and self.end is None and picture.frames:
            return picture.frames
        if not picture.rate or (self.last is None and self.end is None):
            return None
        counts = [] if self.last is None else [round((self.last - self._begins) * picture.rate)]
        if self.end is not None:
            # A frame that begins before the end is wanted, however little of it lies there.
            counts.append(ceil((self.end - self._begins) * picture.rate))
        return max(1, min(counts))

    def __iter__(self) -> Iterator[Frame]:
        """Frames, each once.

        Raises:
            InputError: if the size or format of the picture changes on the way.
        """
        return self.segment(WHOLE)

    def segment(self, segment: Segment) -> Iterator[Frame]:
        """The frames of a segment and of its context, each with its role; indices begin at 0.

        They are those of the whole. ``decoded`` then tells of the segment's own frames alone.

        Raises:
            InputError: as iterating does.
        """
        with self._origin.named():
            yield from self._frames(segment)

    def join(self, parts: Iterable[Mapping[str, Any]]) -> None:
        """Take over what ``decoded`` found of all segments, wherever they were read, in order."""
        damage = Damage(self.info.restored, short=self._pass.decoded.damage.short)
        self._joined = Decoded(damage)
        for part in parts:
            self._joined.extend(part)

    def _frames(self, segment: Segment) -> Iterator[Frame]:
        with self._lock:
            if self._closed:
                raise ValueError("the source is closed")
            if segment is not WHOLE or not self._fresh:
                self._pass.close()
                self._pass = self._passes.open(self.scan, segment)
            self._fresh = False
            here = self._pass
            pictures = iter(here)
            following = next(pictures, None)
        index = 0
        while following is not None:
            frame = self._frame(index, following, segment)
            here.deinterlaced += following.deinterlaced * (frame.role == "result")
            yield frame
            index += 1
            with self._lock:
                if self._closed:
                    return
                following = next(pictures, None)

    def close(self) -> None:
        """Release the file; safe to call twice, and while another thread iterates."""
        with self._lock:
            self._closed = True
            self._pass.close()
            self._origin.close()

    def _frame(self, index: int, shown: Shown, segment: Segment) -> Frame:
        slot = shown.slot
        fmt = self._format_of(shown.picture)
        if fmt != self._stored:
            time = slot.pts * self.time_base - self.info.start
            change = f"from {formats.named(self._stored)} to {formats.named(fmt)}"
            raise InputError(
                f"{self.path} changes {change} at {float(time):.3f} s; cut it there with "
                "start and end and restore the parts one by one, or set input.resize to first"
            )
        picture, stored = self._crop(shown.picture), shown.stored and self._crop(shown.stored)
        return Frame(
            index,
            slot.pts,
            slot.duration,
            self.time_base,
            planes.views(picture, self.format),
            self.format,
            stored or picture,
            touched=stored is not None,
            field=shown.field,
            role=segment.role(slot.pts * self.time_base),
        )
