"""One pass over a video: its packets decoded, brought to one shape, made frames of."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain

import av

from vidrestore.config import InputConfig, InterlacedConfig
from vidrestore.errors import InputError
from vidrestore.video.decode.decoder import Decoder
from vidrestore.video.decode.fitting import Shape, Shaper
from vidrestore.video.demux.probe import no_frames
from vidrestore.video.facts.decoded import Decoded
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.facts.segment import WHOLE, Segment, Span
from vidrestore.video.facts.timing import Slot
from vidrestore.video.fields.deinterlace import Shown
from vidrestore.video.fields.pulldown import treatment
from vidrestore.video.fields.scan import Scan, measurable, scan


class Passes:
    """Opens a file as often as needed, always for the same range and in the same shape.

    Args:
        media: the file.
        range_: seconds of the file's clock that are asked for at all.
        config: limits.
        interlaced: what is done about interlaced material.
        strict: whether pixels that change their aspect on the way are refused, not only reported.
    """

    def __init__(
        self,
        media: MediaInfo,
        range_: Span,
        config: InputConfig,
        interlaced: InterlacedConfig,
        *,
        strict: bool,
    ) -> None:
        self._media, self._range = media, range_
        self._config, self._interlaced = config, interlaced
        self._strict = strict
        self._shape: Shape | None = None
        self._beyond: Fraction | None = None

    def scanned(self) -> tuple[Scan, bool]:
        """How the first pictures were scanned, and whether any of them carries captions."""
        decoder = self._decoder(WHOLE)
        try:
            pictures = self._pictures(decoder, Span())
            first = next(pictures, None)
            if first is None or not measurable(first[0]):
                return Scan(), bool(decoder.captioned)
            order = self._media.picture.field_order
            return scan(chain([first], pictures), order), bool(decoder.captioned)
        finally:
            decoder.close()

    def open(self, scanned: Scan, segment: Segment) -> Pass:
        """Begin to read a segment.

        Raises:
            InputError: there is no frame of it.
        """
        decoder = self._decoder(segment)
        treated = treatment(self._interlaced, scanned)
        pictures = treated(self._pictures(decoder, segment.context))
        try:
            first = next(pictures, None)
        except InputError:
            decoder.close()
            raise
        if first is None:
            decoder.close()
            if self._range == Span():
                raise no_frames(self._media.path)
            raise InputError(f"{self._media.path} has no frame in the range asked for{self._reach}")
        return Pass(decoder, first, pictures, treated.parts, treated.rate)

    @property
    def _reach(self) -> str:
        """Where frames lie, as far as that is known; sound may begin long before them."""
        if self._beyond is not None:
            return f"; the next one comes at {float(self._beyond - self._media.start):.3f} s"
        length = self._media.duration
        return "" if length is None else f"; it lasts {float(length):.3f} s"

    def _decoder(self, segment: Segment) -> Decoder:
        begin, landings = segment.context.begin, None
        if begin is None:
            begin = self._range.begin
        else:
            landings = () if segment.landing is None else (segment.landing,)
        return Decoder(
            self._media.path,
            begin,
            self._config,
            landings=landings,
            own=segment.result,
            to_end=self._range.begin is None and segment.result.end is None,
        )

    def _pictures(self, decoder: Decoder, context: Span) -> Iterator[tuple[av.VideoFrame, Slot]]:
        """Pictures of the range, as far as they lie in the context."""
        resize, strict = self._config.resize, self._strict
        # A segment has the shape of the first picture of all, not of its own.
        shaper = Shaper(decoder.damage, resize, self._media.start, strict=strict, first=self._shape)
        for picture, slot in decoder:
            time = slot.pts * decoder.time_base
            if any(span.end is not None and time >= span.end for span in (self._range, context)):
                self._beyond = time
                return
            try:
                yield shaper(picture, decoder.aspect_at(slot.pts), time), slot
            except InputError as error:
                raise InputError(f"{self._media.path} {error}") from error
            finally:
                self._shape = shaper.first


class Pass:
    """A segment that is being read; iterating gives its pictures, once.

    Args:
        decoder: where they come from.
        first: the first picture.
        pictures: those that follow.
        parts: into how many units the file's unit of time is divided.
        rate: pictures for each one that is stored.

    Attributes:
        first: as given.
        parts: as given.
        rate: as given.
        time_base: seconds per unit of the pictures' times.
        deinterlaced: stored pictures so far that were deinterlaced for the segment's own frames;
            whoever takes them out of here counts.
    """

    def __init__(
        self,
        decoder: Decoder,
        first: Shown,
        pictures: Iterator[Shown],
        parts: int,
        rate: Fraction,
    ) -> None:
        self._decoder = decoder
        self._pictures = chain([first], pictures)
        self.first, self.rate, self.parts = first, rate, parts
        self.time_base = decoder.time_base / parts
        self.deinterlaced = 0

    def __iter__(self) -> Iterator[Shown]:
        return self._pictures

    @property
    def decoded(self) -> Decoded:
        """Facts of what was read so far."""
        decoder = self._decoder
        return Decoded(decoder.damage, decoder.captioned, self.deinterlaced, decoder.end)

    def close(self) -> None:
        """Release the file; safe to call twice."""
        self._decoder.close()
