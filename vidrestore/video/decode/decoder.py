"""One pass over a file's video stream: packets in, pictures out, damage counted."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import av.error

from vidrestore.config import InputConfig
from vidrestore.errors import InputError
from vidrestore.video.containers.promised import missing_bytes
from vidrestore.video.decode.aspects import Aspects
from vidrestore.video.decode.budget import Budget
from vidrestore.video.decode.ending import compare_end
from vidrestore.video.decode.expected import Expected
from vidrestore.video.demux.choice import choose
from vidrestore.video.demux.files import is_pattern, open_input, reason
from vidrestore.video.demux.opening import most_pixels
from vidrestore.video.demux.probe import prepare
from vidrestore.video.demux.reading import Reader
from vidrestore.video.demux.sequence import unreadable
from vidrestore.video.facts.damage import Damage
from vidrestore.video.facts.damage_words import Kind
from vidrestore.video.facts.segment import EVER, Span
from vidrestore.video.facts.tidy import tidy
from vidrestore.video.facts.timing import Clock, Slot
from vidrestore.video.pixels import captions, planes
from vidrestore.video.pixels.sidedata import SideDataReader

# Seconds before the wanted time at which a seek lands, tried in turn: an index may be wrong.
SEEK_BACK = (Fraction(0), Fraction(5), Fraction(30))
# A hole in time is a loss if something was damaged within so many seconds of it: pictures leave the
# decoder in another order than their packets come.
_NEAR = 1


class Decoder:
    """Decodes one video stream once, from a time on.

    Args:
        path: the file.
        start: absolute time of the first frame wanted, seconds on the file's clock; None for all.
        config: limits; the defaults if None.
        landings: times to seek to, tried in turn, none later than ``start``; without any the file
            is decoded from its beginning; None for ``SEEK_BACK`` before ``start``.
        own: when the pictures lie that ``captioned`` and ``damage.inside`` count; the others are
            read for the sake of these.
        to_end: whether the pictures should end where the header says; None asks it of all
            that is read from the beginning.

    Attributes:
        damage: what was wrong so far.
        captioned: pictures so far that carry closed captions.
        end: when the last picture ended, seconds of the file's clock; None until then.

    Raises:
        InputError: if the file cannot be opened or holds no video.
    """

    def __init__(
        self,
        path: str | Path,
        start: Fraction | None = None,
        config: InputConfig | None = None,
        *,
        landings: Sequence[Fraction] | None = None,
        own: Span = EVER,
        to_end: bool | None = None,
    ) -> None:
        self._path = path
        self._config = config or InputConfig()
        self.container = open_input(path, self._config)
        try:
            self.stream, self.why = choose(self.container, path, self._config.stream)
            self._decoder = prepare(self.stream, path, most_pixels(self._config))
        except InputError:
            self.container.close()
            raise
        self._decoder.thread_type = "AUTO"
        self.codec = self.stream.codec_context.codec.canonical_name
        self.time_base = self.stream.time_base or Fraction(1, 90_000)
        self.damage = Damage(
            self.stream.index,
            short=missing_bytes(path),
            within=own,
            inside=None if own == EVER else Damage(self.stream.index),
        )
        self._reader = self._reading()
        self.captioned = 0
        self._expected = Expected()
        self._attached = SideDataReader()
        self._budget = Budget(self._config.max_gigapixels, path)
        self._filled: set[int] = set()
        self.end: Fraction | None = None
        self._aspects = Aspects(self.stream)
        self._first, self._landings, self._own = start, landings, own
        self._to_end = start is None if to_end is None else to_end
        # MP4 stores how long packets last, in the order of decoding: nothing about pictures.
        self._gapless = "mp4" in self.container.format.name
        self._untimed = self.container.format.name == "avi"
        # MPEG-1 and 2 know no variable rate: there a hole in time is a loss by itself.
        self._steady = self.codec in {"mpeg1video", "mpeg2video"}

    def __iter__(self) -> Iterator[tuple[av.VideoFrame, Slot]]:
        """Pictures in a planar format with their times, in presentation order."""
        # One picture is held back, because the next one tells how long it lasts.
        held: tuple[av.VideoFrame, Slot] | None = None
        for picture, slot in self._whole():
            if held is not None:
                self._hole(held[1], slot)
                yield held[0], held[1].until(slot.pts, exactly=self._gapless)
            held = picture, slot
        if held is not None:
            yield held
            self.end = self._seconds(held[1].pts + held[1].duration)
            if self._to_end:
                compare_end(
                    self.damage,
                    self.container,
                    self.stream,
                    end=self.end,
                    read=self._reader.end,
                    complete=self._reader.complete,
                )

    def aspect_at(self, pts: int) -> Fraction:
        """The width of a picture's pixels over their height."""
        return self._aspects.at(pts)

    def _reading(self) -> Reader:
        jump = not is_pattern(os.fspath(self._path))
        return Reader(self.container, [self.stream], self.damage, jump=jump)

    def _harm(self, kind: Kind, time: Fraction | None) -> None:
        """Note damage that may have cost more pictures than it tells of."""
        self.damage.note(kind, time)
        if time is not None:
            self._reader.passed.append(time)

    def _hole(self, before: Slot, after: Slot) -> None:
        """Tell how many pictures are missing where there is damage and time has a hole."""
        passed = self._reader.passed
        if not (passed or self._steady):
            return
        begin, end = self._seconds(before.pts), self._seconds(after.pts)
        passed[:] = [time for time in passed if time > begin - _NEAR]
        step = before.duration or after.duration or self._step
        # Rounding, and fields that are shown again, may widen a step by half.
        lost = int(Fraction(after.pts - before.pts, step) + Fraction(1, 4)) - 1 if step else 0
        if lost > 0 and (self._steady or any(time < end + _NEAR for time in passed)):
            first, last = self._seconds(before.pts + step), self._seconds(after.pts - step)
            self.damage.note("missing", first, until=last, count=lost)

    def _whole(self) -> Iterator[tuple[av.VideoFrame, Slot]]:
        """Pictures, each lost one replaced by its neighbour so that nothing falls out of step."""
        last: tuple[av.VideoFrame, Slot] | None = None
        for picture, slot in self._placed():
            lost = self._expected.lost(
                None if slot.guessed else slot.pts, damaged=self.damage.serious
            )
            if last is None:
                for time in map(self._seconds, self._leading(lost)):
                    if self._first is None or time >= self._first:
                        self.damage.note("leading", time)
            elif lost:
                yield from self._repeated(last, [p for p in lost if p < slot.pts])
            yield picture, slot
            last = picture, slot
        if last is not None:
            yield from self._repeated(last, self._expected.rest())

    def _leading(self, lost: list[int]) -> list[int]:
        """Of the packets before the first picture those that are truly lost.

        A picture of AVI bears the time of the packet that made it leave the decoder, as many
        later as pictures are reordered: the first packets are answered by none, and lack nothing.
        """
        return [] if self._untimed and not self.damage.serious else lost

    def _repeated(
        self, last: tuple[av.VideoFrame, Slot], times: list[int]
    ) -> Iterator[tuple[av.VideoFrame, Slot]]:
        """The last picture once more at each time that lies behind it."""
        picture, slot = last
        for pts in times:
            if pts > slot.pts:
                self._budget.take(picture, self._seconds(pts))
                self.damage.note("repeated", self._seconds(pts))
                self._filled.add(pts)
                yield (
                    captions.silent(picture, self._attached),
                    Slot(pts, slot.duration, guessed=False),
                )

    def _seconds(self, pts: int) -> Fraction:
        return pts * self.time_base

    @property
    def _rate(self) -> Fraction | None:
        return self.stream.guessed_rate or self.stream.average_rate

    @property
    def _step(self) -> int:
        """Units from one picture to the next at the average rate; 0 if that is unknown."""
        return round(1 / (self._rate * self.time_base)) if self._rate else 0

    def _placed(self) -> Iterator[tuple[av.VideoFrame, Slot]]:
        clock = Clock(self.time_base, self._rate)
        pictures = self._pictures() if self._first is None else self._from(self._first)
        for picture in pictures:
            if picture.pts in self._filled:
                # Out of order: its neighbour has been shown in its place.
                continue
            # AVI keeps the order of decoding alone: what it gives as pts of reordered pictures is
            # none. Pictures leave the decoder at their decoding times, evenly.
            pts = picture.dts if self._untimed and picture.dts is not None else picture.pts
            slot = clock.place(pts, picture.dts, picture.duration)
            if self._first is not None and self._seconds(slot.pts) < self._first:
                continue
            if slot.guessed and not self._untimed:
                self.damage.note("untimed", self._seconds(slot.pts))
            if picture.is_corrupt:
                self._harm("concealed", self._seconds(slot.pts))
            if self._own.holds(self._seconds(slot.pts)):
                self.captioned += captions.captioned(picture, self._attached)
            planar = planes.to_planar(picture)
            self._aspects.observe(slot.pts, planar)
            yield planar, slot

    def _from(self, start: Fraction) -> Iterator[av.VideoFrame]:
        """Pictures from the keyframe before ``start``; from the beginning if seeking fails."""
        landings = [start - b for b in SEEK_BACK] if self._landings is None else self._landings
        for landing in landings:
            target = int(landing / self.time_base)
            try:
                self.container.seek(target, stream=self.stream)
            except (av.error.FFmpegError, OverflowError):  # of a time that no file has
                break
            pictures = self._pictures()
            first = next(pictures, None)
            if first is not None and first.pts is not None and first.pts <= start / self.time_base:
                yield first
                yield from pictures
                return
        if landings:
            self._rewind()
        yield from self._pictures()

    def _rewind(self) -> None:
        """Open anew: the beginning can be reached even where seeking does not work."""
        fresh = Decoder(self._path, config=self._config, own=self._own)
        self.container.close()
        self.container, self.stream = fresh.container, fresh.stream
        self._decoder, self._aspects = fresh._decoder, fresh._aspects
        # The same object: who brings pictures to one shape notes in it, too.
        self.damage.clear()
        self._expected, self.captioned = Expected(), 0
        self._reader = self._reading()

    def _pictures(self) -> Iterator[av.VideoFrame]:
        for packet in self._packets():
            try:
                frames = self._decoder.decode(packet)
            except av.error.EOFError:
                return
            except av.error.MemoryError as error:
                raise InputError(f"{self._path} cannot be decoded: {reason(error)}") from error
            except av.error.FFmpegError:
                # Decoders have many words for damage; the next packet may be good again.
                self._harm("undecodable", self._when(packet))
                continue
            for frame in frames:
                self._budget.take(frame, self._when(packet))
                yield tidy(frame)

    def _when(self, packet: av.Packet[av.VideoStream] | None) -> Fraction | None:
        pts = None if packet is None else packet.dts if packet.pts is None else packet.pts
        return None if pts is None else self._seconds(pts)

    def _packets(self) -> Iterator[av.Packet[av.VideoStream] | None]:
        """Packets; at the end, or where the file cannot be read on, what flushes the decoder."""
        for packet in self._reader:
            if packet is not None and packet.size and not packet.is_discard:
                self._expected.packet(packet.dts if self._untimed else packet.pts)
            yield packet
        if self.damage.stopped and is_pattern(os.fspath(self._path)):
            raise unreadable(os.fspath(self._path))

    def close(self) -> None:
        """Release the file; safe to call twice."""
        self.container.close()
