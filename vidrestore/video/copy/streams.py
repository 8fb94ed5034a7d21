"""Copying every other stream of the source, packet by packet."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error
from av.stream import Discard, Disposition, Stream

from vidrestore.config import OutputConfig
from vidrestore.errors import OutputError
from vidrestore.video.copy import lines
from vidrestore.video.copy.avi import FORMAT, Counted
from vidrestore.video.copy.conversion import Converter, UndecodableError, converter
from vidrestore.video.copy.selection import COVER_TYPES, Fate, Selection
from vidrestore.video.copy.trial import add_copy, add_cover, tagged
from vidrestore.video.copy.whole import is_whole
from vidrestore.video.copy.window import Window
from vidrestore.video.demux.files import open_input
from vidrestore.video.demux.reading import Reader
from vidrestore.video.facts.containers import is_ebml, is_isobmff
from vidrestore.video.facts.damage import Damage
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.sound.configuration import once
from vidrestore.video.sound.times import SoundTimes
from vidrestore.video.sound.uniform import Uniform, uniform

# Reading starts this long before a cut-out piece: a subtitle may already be showing.
_SEEK_MARGIN = 30
# A fall of more than this, in seconds, is no jitter: time starts again.
_RESTART = Fraction(1, 2)


class StreamCopier:
    """Reads the source a second time and hands over all packets but the restored stream's.

    Args:
        path: the source.
        media: what is in it.
        container: FFmpeg's name of the target format.
        config: what becomes of streams that the target cannot hold.
        unfit: why streams do not fit although the target holds their codecs, by their numbers.

    Attributes:
        warnings: streams that had to be left out, one line each.
        fates: what becomes of each stream, by its number.
        damage: what was wrong with these streams so far.

    Raises:
        OutputError: names a stream that the target cannot hold, and what would help.
    """

    def __init__(
        self,
        path: str | Path,
        media: MediaInfo,
        container: str,
        config: OutputConfig,
        unfit: Mapping[int, str],
    ) -> None:
        self._media = media
        self._target = container
        self._input = open_input(path, media.limits)
        self._converters: dict[int, Converter] = {}
        self._ready: deque[av.Packet[Stream]] = deque()
        self._sounds: dict[int, SoundTimes | Counted] = {}
        self._uniform: dict[int, Uniform] = {}
        self._untimed: dict[int, list[av.Packet[Stream]]] = {}
        self._outputs: dict[int, Stream] = {}
        self._last: dict[int, int] = {}
        self._ended: dict[int, int] = {}
        self._held: av.Packet[Stream] | None = None
        self._packets: Iterator[av.Packet[Stream] | None] | None = None
        self._window = Window()
        self.damage = Damage(media.restored)
        try:
            chosen = Selection(media, list(self._input.streams), container, config, unfit)
        except OutputError:
            self._input.close()
            raise
        self.fates, self.warnings = chosen.fates, chosen.warnings
        self._firsts, self._becomes = chosen.firsts, chosen.becomes
        self._input.streams[media.restored].discard = Discard.all

    def add_to(self, output: av.container.OutputContainer, index: int) -> Stream | None:
        """Add what stream ``index`` becomes to the output; gives its track, if it has one."""
        stream, fate = self._input.streams[index], self.fates[index]
        if fate is Fate.ATTACHED:
            add_cover(output, self._input, stream, COVER_TYPES[self._media.streams[index].codec])
        elif fate is Fate.CONVERTED:
            self._converters[index] = converter(stream, self._becomes[index])
            self._outputs[index] = tagged(self._converters[index].add_to(output), stream)
        elif fate is Fate.COPIED and stream.type == "attachment":
            add_copy(output, stream)
        elif fate is Fate.COPIED:
            self._outputs[index] = add_copy(output, stream)
            self._keep_to_header(stream)
        return self._outputs.get(index)

    def _keep_to_header(self, stream: Stream) -> None:
        keeper = uniform(stream, self._firsts.get(stream.index, b""), self.damage)
        if keeper is None:
            return
        self._uniform[stream.index] = keeper
        context = self._outputs[stream.index].codec_context
        if keeper.configuration and context is not None:
            context.extradata = keeper.configuration

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
        for stream in streams:
            if isinstance(stream, av.AudioStream) and stream.index not in self._converters:
                self._sounds[stream.index] = self._times(stream)
        # The reader of the pictures tells what is missing; this one only finds its way past it.
        reader = Reader(self._input, streams, self.damage, look=False) if streams else ()
        self._packets = iter(reader)

    def _times(self, stream: av.AudioStream) -> SoundTimes | Counted:
        if self._target == FORMAT:
            return Counted(stream)
        info, end = self._media.streams[stream.index], None
        # MP4 knows to the sample when a sound ends.
        if "mp4" in self._media.container and None not in {info.start, info.duration}:
            end = (info.start or 0) + (info.duration or 0) - self._window.shift
        return SoundTimes(stream, coarse=is_ebml(self._target), end=end)

    def _rewind(self) -> None:
        """Back to the first packet, if reading cover art has moved on."""
        if Fate.ATTACHED in self.fates.values():
            path = self._media.path
            self._input.close()
            self._input = open_input(path, self._media.limits)
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

    def refused(self, packet: av.Packet[Stream], time: Fraction | None) -> None:
        """Note that the muxer did not take a packet, at seconds of the output's clock."""
        index = next((n for n, s in self._outputs.items() if s is packet.stream), None)
        when = None if time is None else time + self._window.shift
        self.damage.note("unwritable", when, index)

    def _next(self) -> av.Packet[Stream] | None:
        while not self._ready:
            packet = self._read()
            if packet is None:
                self._flush()
                return self._ready.popleft() if self._ready else None
            codec = self._media.streams[packet.stream_index].codec
            if packet.size and not lines.is_silence(packet, codec) and self._move(packet):
                self._take(packet)
        return self._ready.popleft()

    def _read(self) -> av.Packet[Stream] | None:
        assert self._packets is not None
        return next((packet for packet in self._packets if packet is not None), None)

    def _take(self, packet: av.Packet[Stream]) -> None:
        """What a packet at the output's time becomes: packets that are ready for the muxer."""
        index = packet.stream_index
        if index in self._converters:
            try:
                self._ready.extend(self._converters[index].convert(packet))
            except UndecodableError:
                self.damage.note("undecodable", self._when(packet), index)
        elif not is_whole(self._media.streams[index].codec, packet, self._target):
            self.damage.note("unwritable", self._when(packet), index)
        elif packet.dts is None and packet.stream.type == "video" and index not in self._last:
            # Matroska gives no decoding times; FFmpeg finds them after as many as are reordered.
            self._untimed.setdefault(index, []).append(packet)
        elif index in self._uniform:
            for each in self._uniform[index].pass_on(packet, self._window.shift):
                self._place(each)
        else:
            self._time(self._untimed.pop(index, []), packet)
            self._place(once(packet))

    def _when(self, packet: av.Packet[Stream]) -> Fraction | None:
        """When a packet at the output's time is heard or seen by the source's clock, seconds."""
        if packet.pts is None:
            return None
        return packet.pts * packet.time_base + self._window.shift

    def _place(self, packet: av.Packet[Stream]) -> None:
        sound = self._sounds.get(packet.stream_index)
        for each in [packet] if sound is None else sound.place(packet):
            self._finish(each)

    def _time(self, waiting: list[av.Packet[Stream]], known: av.Packet[Stream]) -> None:
        """Give the first packets of reordered pictures decoding times: any rising ones will do."""
        step = max(1, known.duration or 1)
        for number, packet in enumerate(waiting):
            packet.dts = (known.dts or 0) - (len(waiting) - number) * step
            if packet.pts is not None:
                packet.dts = min(packet.dts, packet.pts)
            self._finish(packet)

    def _flush(self) -> None:
        """The source has ended: what waits for more goes out."""
        for waiting in self._untimed.values():
            for packet in waiting:
                self._finish(packet)
        self._untimed.clear()
        for keeper in self._uniform.values():
            for packet in keeper.pass_on(None, self._window.shift):
                self._place(packet)
        self._uniform.clear()
        for each in self._converters.values():
            self._ready.extend(each.convert(None))
        self._converters.clear()

    def _move(self, packet: av.Packet[Stream]) -> bool:
        """Bring a packet to the output's time; return whether it lies in the window."""
        if packet.stream.disposition & Disposition.attached_pic:
            packet.pts = packet.dts = 0
            return True
        return self._window.cut(packet)

    def _finish(self, packet: av.Packet[Stream]) -> None:
        """Give a packet a time that the muxer takes."""
        index = packet.stream_index
        if packet.dts is None:
            packet.dts = packet.pts
        last = self._last.get(index)
        if packet.dts is None:
            packet.dts = packet.pts = 0 if last is None else last + 1
        gap = self._least_step(packet)
        if last is not None and packet.dts < last + gap:
            self._bridge(packet, last + gap)
        if last is not None and not packet.duration and packet.stream.type == "audio":
            # MP4 plays a last packet of no duration not at all.
            packet.duration = packet.dts - last
        if not packet.duration and packet.stream.type == "subtitle" and is_isobmff(self._target):
            packet.duration = lines.shown_for(packet, self._media, self._window)
        self._last[index] = packet.dts
        self._ended[index] = packet.dts + (packet.duration or 0)
        packet.stream = self._outputs[index]
        self._ready.append(packet)

    def _least_step(self, packet: av.Packet[Stream]) -> int:
        """The least by which decoding times must rise, in units of the packet's time."""
        if is_ebml(self._target):
            # Equal times are taken: a millisecond may hold two of a sound's short packets.
            return 0
        sound = packet.stream if isinstance(packet.stream, av.AudioStream) else None
        rate = 0 if sound is None else sound.codec_context.sample_rate
        return max(1, math.ceil(1 / (rate * packet.time_base))) if rate else 1

    def _bridge(self, packet: av.Packet[Stream], least: int) -> None:
        """Move a packet whose time runs backwards, which a muxer refuses, to ``least`` or later.

        Where time starts again, as in recordings joined end to end, the stream goes on at its own
        pace, as the restored frames do; where it jitters, the packet moves by as little as can be.
        """
        assert packet.dts is not None
        start = least
        if (least - packet.dts) * packet.time_base > _RESTART:
            start = max(least, self._ended[packet.stream_index])
        late = start - packet.dts
        packet.dts = start
        if packet.pts is not None:
            packet.pts = packet.pts + late if start > least else max(packet.pts, start)
        time = packet.dts * packet.time_base + self._window.shift
        self.damage.note("moved", time, packet.stream_index)

    def close(self) -> None:
        """Release the source; safe to call twice."""
        self._input.close()
