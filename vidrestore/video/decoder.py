"""One pass over a file's video stream: packets in, pictures out, damage counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.stream import Discard

from vidrestore.errors import InputError
from vidrestore.video import planes
from vidrestore.video.files import open_input, reason
from vidrestore.video.probe import choose
from vidrestore.video.timing import Clock, Slot

# Seconds before the wanted time at which a seek lands, tried in turn: an index may be wrong.
SEEK_BACK = (Fraction(0), Fraction(5), Fraction(30))


@dataclass
class Damage:
    """What was wrong with the file, counted.

    Attributes:
        packets: that could not be decoded.
        flagged: packets that the container's own checks found damaged.
        frames: that the decoder marked as damaged; it hid the damage as well as it could.
        guessed: frames without a usable time stamp.
        stopped: why reading ended before the file did; None if it did not.
    """

    packets: int = 0
    flagged: int = 0
    frames: int = 0
    guessed: int = 0
    stopped: str | None = None

    def warnings(self) -> list[str]:
        """One line per kind of damage."""
        lines = []
        if self.packets:
            lines.append(f"{_count(self.packets, 'damaged packet')} could not be decoded")
        if self.flagged:
            lines.append(f"{_count(self.flagged, 'packet')} arrived damaged or after a gap")
        if self.frames:
            lines.append(f"{_count(self.frames, 'damaged frame')} as the decoder could conceal it")
        if self.guessed:
            lines.append(f"{_count(self.guessed, 'frame')} without a usable time stamp, estimated")
        if self.stopped:
            lines.append(f"the file could not be read to its end: {self.stopped}")
        return lines


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


class Decoder:
    """Decodes one video stream once, from a time on.

    Args:
        path: the file.
        start: absolute time of the first frame wanted, seconds on the file's clock; None for all.

    Raises:
        InputError: if the file cannot be opened or holds no video.
    """

    def __init__(self, path: str | Path, start: Fraction | None = None) -> None:
        self._path = path
        self.container = open_input(path)
        try:
            self.stream, self.why = choose(self.container, path)
        except InputError:
            self.container.close()
            raise
        # Other streams are read by the sink; skipping them here saves time.
        for stream in self.container.streams:
            if stream.index != self.stream.index:
                stream.discard = Discard.all
        self.stream.thread_type = "AUTO"
        self.codec = self.stream.codec_context.codec.canonical_name
        self.time_base = self.stream.time_base or Fraction(1, 90_000)
        self.damage = Damage()
        self._first = start
        # MP4 stores how long packets last, in the order of decoding: nothing about pictures.
        self._gapless = "mp4" in self.container.format.name

    def __iter__(self) -> Iterator[tuple[av.VideoFrame, Slot]]:
        """Pictures in a planar format with their times, in presentation order."""
        # One picture is held back, because the next one tells how long it lasts.
        held: tuple[av.VideoFrame, Slot] | None = None
        for picture, slot in self._placed():
            if held is not None:
                yield held[0], held[1].until(slot.pts, exactly=self._gapless)
            held = picture, slot
        if held is not None:
            yield held

    def _placed(self) -> Iterator[tuple[av.VideoFrame, Slot]]:
        clock = Clock(self.time_base, self.stream.guessed_rate or self.stream.average_rate)
        pictures = self._pictures() if self._first is None else self._from(self._first)
        for picture in pictures:
            slot = clock.place(picture.pts, picture.dts, picture.duration)
            if self._first is not None and slot.pts * self.time_base < self._first:
                continue
            self.damage.guessed += slot.guessed
            self.damage.frames += picture.is_corrupt
            yield planes.to_planar(picture), slot

    def _from(self, start: Fraction) -> Iterator[av.VideoFrame]:
        """Pictures from the keyframe before ``start``; from the beginning if seeking fails."""
        for back in SEEK_BACK:
            target = int((start - back) / self.time_base)
            try:
                self.container.seek(target, stream=self.stream)
            except av.error.FFmpegError:
                break
            pictures = self._pictures()
            first = next(pictures, None)
            if first is not None and first.pts is not None and first.pts <= start / self.time_base:
                yield first
                yield from pictures
                return
        self._rewind()
        yield from self._pictures()

    def _rewind(self) -> None:
        """Open anew: the beginning can be reached even where seeking does not work."""
        fresh = Decoder(self._path)
        self.container.close()
        self.container, self.stream = fresh.container, fresh.stream
        self.damage = Damage()

    def _pictures(self) -> Iterator[av.VideoFrame]:
        for packet in self._packets():
            try:
                frames = self.stream.decode(packet)
            except (av.error.InvalidDataError, av.error.PatchWelcomeError):
                self.damage.packets += 1
                continue
            except av.error.EOFError:
                return
            except av.error.FFmpegError as error:
                raise InputError(f"{self._path} cannot be decoded: {reason(error)}") from error
            yield from frames

    def _packets(self) -> Iterator[av.Packet[av.VideoStream] | None]:
        """Packets; at the end, or where the file cannot be read on, what flushes the decoder."""
        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets, None)
            except (av.error.FFmpegError, OSError) as error:
                # What came before the damage is good, and so is what the decoder still holds.
                self.damage.stopped = reason(error)
                yield None
                return
            if packet is None:
                return
            self.damage.flagged += packet.is_corrupt
            yield packet

    def close(self) -> None:
        """Release the file; safe to call twice."""
        self.container.close()
