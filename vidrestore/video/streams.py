"""Copying every other stream of the source, packet by packet."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error
from av.stream import Discard, Disposition, Stream

from vidrestore.errors import OutputError
from vidrestore.video.files import open_input
from vidrestore.video.media import MediaInfo, StreamInfo
from vidrestore.video.outfile import CONTAINERS
from vidrestore.video.trial import Trial, add_copy

MATROSKA = frozenset({"matroska", "webm"})
_COVER_TYPES = {"mjpeg": ("jpg", "image/jpeg"), "png": ("png", "image/png")}
# Reading starts this long before a cut-out piece: a subtitle may already be showing.
_SEEK_MARGIN = 30


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of the source's time, and how far it is moved.

    Attributes:
        begin: absolute seconds; None for the start of the file.
        end: absolute seconds; None for the end of the file.
        shift: seconds subtracted from every time stamp.
    """

    begin: Fraction | None = None
    end: Fraction | None = None
    shift: Fraction = Fraction(0)


class StreamCopier:
    """Reads the source a second time and hands over all packets but the restored stream's.

    Args:
        path: the source.
        media: what is in it.
        container: FFmpeg's name of the target format.

    Attributes:
        warnings: streams that had to be left out, one line each.

    Raises:
        OutputError: names a stream that the target cannot hold and a container that can.
    """

    def __init__(self, path: str | Path, media: MediaInfo, container: str) -> None:
        self.warnings: list[str] = []
        self._media = media
        self._target = container
        self._trial = Trial(path, media.restored)
        self._input = open_input(path)
        self._outputs: dict[int, Stream] = {}
        self._last: dict[int, int] = {}
        self._held: av.Packet[Stream] | None = None
        self._packets: Iterator[av.Packet[Stream]] | None = None
        self._window = Window()
        self.repaired = 0
        try:
            self._chosen = self._choose()
        except OutputError:
            self._input.close()
            raise

    def _choose(self) -> list[Stream]:
        """Streams to copy, in the file's order."""
        chosen = []
        for stream in self._input.streams:
            if stream.index == self._media.restored:
                stream.discard = Discard.all
            elif self._remade(stream):
                continue
            elif self._is_cover(stream) or self._trial.fits(stream, self._target):
                chosen.append(stream)
            elif stream.type in {"data", "unknown"}:
                info = self._media.streams[stream.index]
                self.warnings.append(f"{info} cannot be written to {self._target} and is left out")
            else:
                raise self._refusal(self._media.streams[stream.index])
        return chosen

    def _remade(self, stream: Stream) -> bool:
        """Whether the muxer writes this stream anew from chapters or from the timecode tag."""
        if stream.type != "data":
            return False
        made_of_tag = "timecode" in stream.metadata and "timecode" in self._media.stream.metadata
        return stream.discard == Discard.all or made_of_tag

    def _is_cover(self, stream: Stream) -> bool:
        """Cover art becomes an attachment in Matroska."""
        return (
            self._target in MATROSKA
            and bool(stream.disposition & Disposition.attached_pic)
            and self._media.streams[stream.index].codec in _COVER_TYPES
        )

    def _refusal(self, info: StreamInfo) -> OutputError:
        rest = [
            s
            for s in self._input.streams
            if s.index != self._media.restored and s.type not in {"data", "unknown"}
        ]
        for ending, container in CONTAINERS.items():
            if container != self._target and all(self._trial.fits(s, container) for s in rest):
                return OutputError(
                    f"{self._target} files cannot hold {info}; name the output *{ending}"
                )
        return OutputError(
            f"{self._target} files cannot hold {info}; remove or convert that stream first"
        )

    def add_to(self, output: av.container.OutputContainer, index: int) -> None:
        """Add the copy of stream ``index`` to the output, if it is to be copied."""
        for stream in self._chosen:
            if stream.index != index:
                continue
            if self._is_cover(stream):
                self._attach(output, stream)
            elif stream.type == "attachment":
                add_copy(output, stream)
            else:
                self._outputs[index] = add_copy(output, stream)

    def _attach(self, output: av.container.OutputContainer, stream: Stream) -> None:
        """Cover art as Matroska keeps it."""
        ending, mimetype = _COVER_TYPES[self._media.streams[stream.index].codec]
        for packet in self._input.demux(stream):
            if packet.size:
                name = stream.metadata.get("filename", f"cover.{ending}")
                output.add_attachment(
                    name, stream.metadata.get("mimetype", mimetype), bytes(packet)
                )
                break

    def begin(self, window: Window) -> None:
        """Start reading; call once, before ``until``."""
        self._window = window
        if window.begin is not None and window.begin > _SEEK_MARGIN and self._outputs:
            try:
                self._input.seek(int((window.begin - _SEEK_MARGIN) * 1_000_000))
            except av.error.FFmpegError:
                self._input.seek(0)
        else:
            self._rewind()
        streams = [self._input.streams[index] for index in self._outputs]
        self._packets = iter(self._input.demux(*streams)) if streams else iter(())

    def _rewind(self) -> None:
        """Back to the first packet, if reading cover art has moved on."""
        if any(self._is_cover(stream) for stream in self._chosen):
            path = self._media.path
            self._input.close()
            self._input = open_input(path)
            self._input.streams[self._media.restored].discard = Discard.all

    def until(self, time: Fraction | None) -> Iterator[av.Packet[Stream]]:
        """Packets ready for the muxer whose decoding time is at most ``time``; None for the rest.

        Times are the output's own (already shifted).
        """
        while True:
            packet = self._held or self._next()
            self._held = None
            if packet is None:
                return
            base = packet.time_base
            if time is not None and packet.dts is not None and packet.dts * base > time:
                self._held = packet
                return
            yield packet

    def _next(self) -> av.Packet[Stream] | None:
        assert self._packets is not None
        while True:
            try:
                packet = next(self._packets, None)
            except (av.error.FFmpegError, OSError):
                # The source's own reader meets the same damage and reports it.
                return None
            if packet is None:
                return None
            if packet.size and not self._silence(packet) and self._prepare(packet):
                return packet

    def _silence(self, packet: av.Packet[Stream]) -> bool:
        """Whether this is MP4's empty line between two subtitles, which its muxer writes itself."""
        return (
            packet.size == 2
            and packet.stream.type == "subtitle"
            and self._media.streams[packet.stream_index].codec == "mov_text"
            and bytes(packet) == b"\0\0"
        )

    def _prepare(self, packet: av.Packet[Stream]) -> bool:
        """Bring a packet to the output's time; tell whether it lies in the window."""
        source = packet.stream
        base = packet.time_base
        still = bool(source.disposition & Disposition.attached_pic)
        if still:
            packet.pts = packet.dts = 0
        elif not self._cut(packet, base):
            return False
        if packet.dts is None:
            packet.dts = packet.pts
        last = self._last.get(source.index)
        if packet.dts is None:
            packet.dts = packet.pts = 0 if last is None else last + 1
        if last is not None and packet.dts <= last:
            # A muxer refuses time that runs backwards; the source's own players bridge it too.
            packet.dts = last + 1
            if packet.pts is not None:
                packet.pts = max(packet.pts, packet.dts)
            self.repaired += 1
        self._last[source.index] = packet.dts
        packet.stream = self._outputs[source.index]
        return True

    def _cut(self, packet: av.Packet[Stream], base: Fraction) -> bool:
        window = self._window
        if window.begin is None and window.end is None and not window.shift:
            return True
        if packet.pts is None:
            return False
        pts, duration = packet.pts, packet.duration or 0
        if window.end is not None and pts * base >= window.end:
            return False
        if window.begin is not None and pts * base < window.begin:
            if packet.stream.type != "subtitle" or (pts + duration) * base <= window.begin:
                return False
            # A line already on screen is shown from the first frame on.
            late = math.ceil(window.begin / base) - pts
            pts, duration = pts + late, duration - late
            packet.dts, packet.duration = pts, duration
        moved = round(window.shift / base)
        packet.pts = pts - moved
        if packet.dts is not None:
            packet.dts -= moved
        return True

    def close(self) -> None:
        """Release the source; safe to call twice."""
        self._input.close()
