"""Writing a container: the restored stream, everything else of the source, tags and chapters."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import av
import av.container
import av.error
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from vidrestore.config import OutputConfig
from vidrestore.datatypes import DamageEntry, StreamFate
from vidrestore.errors import OutputError
from vidrestore.video.copy import avi
from vidrestore.video.copy.streams import StreamCopier
from vidrestore.video.copy.window import Window
from vidrestore.video.demux.files import reason, url
from vidrestore.video.encode.encoder import parameters_of
from vidrestore.video.facts.containers import is_ebml
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.facts.timecode import Timecode
from vidrestore.video.mux import attachment
from vidrestore.video.mux.finishing import Finishing
from vidrestore.video.outputs.outfile import PendingFile

# What a muxer writes itself, or what is no longer true of a restored stream.
_CONTAINER_TAGS = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder"})
_STREAM_TAGS = (
    *("encoder", "duration", "bps", "number_of_", "_statistics_", "vendor_id"),
    "alpha_mode",
)
# A block's time is 16 bits of milliseconds before or after its cluster's, which is not negative.
_MATROSKA_EARLY = 30

# Units per second of an MP4 file's clock: a hundred hours stay far below what its fields hold.
_FINEST = 10_000_000

# A display matrix's 1, and how far from it lengths lie by rounding.
_ONE, _ROUNDING = 1 << 16, 1e-3

REPORT_NAME: Final = "vidrestore.json"
"""Of the report that is attached to a result."""

AddVideo = Callable[[av.container.OutputContainer], VideoStream]


class Muxer:
    """One output file.

    Args:
        pending: the file to write.
        media: the source.
        add_video: adds the restored stream to the container; tags and disposition are set here.
        config: what becomes of the other streams.
        unfit: why streams do not fit although the container holds their codecs, by their numbers.
        tags: that the container has beside the source's.
        room: bytes for a report, attached once all else is known; 0 for none.

    Raises:
        OutputError: if the container cannot hold what it must, or the file cannot be written.
    """

    def __init__(
        self,
        pending: PendingFile,
        media: MediaInfo,
        add_video: AddVideo,
        config: OutputConfig,
        unfit: Mapping[int, str],
        *,
        tags: Mapping[str, str],
        room: int,
    ) -> None:
        self._pending = pending
        self._media = media
        self._tags, self._report_room = tags, room
        self._copier = StreamCopier(media.path, media, pending.container, config, unfit)
        self._finishing = Finishing(pending.container)
        self.warnings = list(self._copier.warnings)
        self._output: av.container.OutputContainer | None = None
        self._restored: VideoStream | None = None
        try:
            self._output = self._open(add_video)
        except OutputError:
            self.close()
            raise
        except (av.error.FFmpegError, OSError, ValueError) as error:
            self.close()
            raise OutputError(f"cannot write {pending.path}: {reason(error)}") from error

    def _open(self, add_video: AddVideo) -> av.container.OutputContainer:
        # A source that was restored before says so under the same names.
        own = _CONTAINER_TAGS | {name.lower() for name in self._tags}
        tags = {k: v for k, v in self._media.metadata.items() if k.lower() not in own}
        output = av.open(
            url(self._pending.temporary),
            "w",
            format=self._pending.container,
            container_options=self._options(),
        )
        self._output = output
        for stream in self._media.streams:
            if stream.index == self._media.restored:
                added: Stream | None = add_video(output)
                assert isinstance(added, VideoStream)
                self._tag(added)
                self._restored = added
            else:
                added = self._copier.add_to(output, stream.index)
            if added is not None:
                self._finishing.add(added, stream.picture)
        tags |= self._tags
        if self._report_room:
            attachment.reserve(output, REPORT_NAME, "application/json", self._report_room)
        output.metadata.update(tags)
        self._finishing.tag(tags)
        return output

    def _options(self) -> dict[str, str]:
        if is_ebml(self._pending.container):
            # Sound often begins a little before zero; the muxer would move the picture to make up.
            # FFmpeg reads no time of a block before zero, and can only guess a sound's.
            picture = self._media.stream.start or 0
            early = picture < 0 or self._media.start < -_MATROSKA_EARLY
            return {} if early else {"avoid_negative_ts": "disabled"}
        if self._pending.container == avi.FORMAT:
            return {}
        # Late starts are told in units of the whole film: milliseconds unless told otherwise.
        return {"movie_timescale": str(_timescale(self._media))}

    def _tag(self, video: VideoStream) -> None:
        info = self._media.stream
        video.metadata.update(
            {k: v for k, v in info.metadata.items() if not k.lower().startswith(_STREAM_TAGS)}
        )
        flags = Disposition(0)
        for name in info.disposition:
            flags |= Disposition[name]
        video.disposition = flags
        if self._media.picture.display_matrix is not None:
            video.set_display_matrix(unscaled(self._media.picture.display_matrix))

    @property
    def streams(self) -> list[StreamFate]:
        """What becomes of each stream of the source: number, kind, codec, language and fate."""
        return [
            {
                "index": info.index,
                "kind": info.kind,
                "codec": info.codec,
                "language": info.language,
                "fate": self._copier.fates[info.index].value,
            }
            for info in self._media.streams
        ]

    @property
    def damage(self) -> list[DamageEntry]:
        """What was wrong with the other streams so far; see ``Damage.entries``."""
        return self._copier.damage.entries()

    def start(self, window: Window) -> None:
        """Write the header; from here on packets may come.

        Raises:
            OutputError: if the header cannot be written.
        """
        assert self._output is not None
        if window.begin is not None:
            self._move_timecodes(window)
        chapters = list(_chapters(self._media, window))
        if chapters:
            self._output.set_chapters(chapters)
        self._guarded(self._output.start_encoding)
        self._copier.begin(window)

    def _move_timecodes(self, window: Window) -> None:
        """A piece begins with the timecode of its own first frame."""
        assert self._output is not None
        rate = self._media.picture.rate
        begun = self._media.stream.start
        for tags in (self._output.metadata, *(each.metadata for each in self._output.streams)):
            for key in [key for key in tags if key.lower() == "timecode"]:
                code = None if rate is None else Timecode.parse(tags[key], rate)
                if code is not None:
                    late = window.shift - (self._media.start if begun is None else begun)
                    tags[key] = str(code.later(late))

    def attach(self, report: bytes) -> None:
        """Put a report into the room for it.

        Raises:
            ValueError: it is longer than that.
        """
        if len(report) > self._report_room:
            raise ValueError(f"{len(report)} bytes, and room for {self._report_room}")
        self._finishing.attach(REPORT_NAME, report)

    def own(self, packet: av.Packet[Any]) -> av.Packet[VideoStream]:
        """A packet of no stream as one of the restored stream."""
        assert self._restored is not None
        packet.stream = self._restored
        return packet

    @property
    def parameters(self) -> str:
        """SHA-256 of what the container tells decoders of the restored stream."""
        assert self._restored is not None
        return parameters_of(self._restored)

    def write(self, packets: Iterable[av.Packet[VideoStream]]) -> None:
        """Write encoded packets of the restored stream, the others between them by time."""
        assert self._output is not None
        for packet in packets:
            if self._pending.container == avi.FORMAT and packet.pts != packet.dts:
                raise OutputError(
                    "the encoder reorders pictures, for which avi files have no times; choose "
                    "another encoder.codec or other encoder.options"
                )
            if packet.dts is not None:
                for other in self._copier.until(packet.dts * packet.time_base):
                    self._copy(other)
            self._guarded(self._output.mux_one, packet)

    def finish(self) -> None:
        """Write what is left of the other streams and the trailer."""
        assert self._output is not None
        for other in self._copier.until(None):
            self._copy(other)
        self.warnings += self._copier.damage.warnings()
        self._guarded(self._output.close)
        self._guarded(self._finishing.write, self._pending.temporary)
        self._guarded(self._read_back)
        self._copier.close()

    def _read_back(self) -> None:
        """Muxers tell nobody of some of what they fail at."""
        with av.open(url(self._pending.temporary), metadata_errors="replace") as file:
            if not file.streams.video:
                raise ValueError("it has no picture when it is read back")

    def _copy(self, packet: av.Packet[Stream]) -> None:
        """Write a packet of another stream; one that the muxer refuses ends no job."""
        assert self._output is not None
        time = None if packet.dts is None else packet.dts * packet.time_base
        try:
            self._output.mux_one(packet)
        except OSError as error:
            raise OutputError(f"cannot write {self._pending.path}: {reason(error)}") from error
        except (av.error.FFmpegError, ValueError):
            self._copier.refused(packet, time)

    def _guarded(self, work: Callable[..., object], *args: Any) -> None:
        try:
            work(*args)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise OutputError(f"cannot write {self._pending.path}: {reason(error)}") from error

    def close(self) -> None:
        """Let go of all files; what was written is not good. Safe to call twice."""
        self._copier.close()
        if self._output is not None:
            try:
                self._output.close()
            except (av.error.FFmpegError, OSError, ValueError):
                # The trailer of a file that is about to be deleted.
                self._output = None


def unscaled(matrix: Sequence[int]) -> tuple[int, ...]:
    """A display matrix that turns and mirrors as another does, and no more.

    FFmpeg tells what a matrix scales as the pixels' aspect; Matroska's muxer takes no such matrix.
    """
    across, down = matrix[0:2], matrix[3:5]
    lengths = [math.hypot(*row) for row in (across, down)]
    if not all(lengths) or all(abs(length / _ONE - 1) < _ROUNDING for length in lengths):
        return tuple(matrix)
    rows = [
        [round(number * _ONE / length) for number in row]
        for row, length in zip((across, down), lengths, strict=True)
    ]
    # Without a shift, which told where the scaled picture came to lie.
    return (*rows[0], matrix[2], *rows[1], matrix[5], 0, 0, matrix[8])


def _timescale(media: MediaInfo) -> int:
    """Units per second of an MP4 file's own clock that hold picture's and sound's times exactly."""
    base = media.stream.time_base
    units = 1000 if base is None else base.denominator
    while units < 10_000:
        units *= 2
    for stream in media.streams:
        finer = units if stream.sound is None else math.lcm(units, stream.sound.sample_rate or 1)
        units = finer if finer <= _FINEST else units
    return min(units, _FINEST)


def _chapters(media: MediaInfo, window: Window) -> Iterable[Any]:
    """The chapters that touch the window, cut and moved with it."""
    unit = Fraction(1, 1_000_000_000)
    for chapter in media.chapters:
        begin = chapter.start if window.begin is None else max(chapter.start, window.begin)
        end = chapter.end if window.end is None else min(chapter.end, window.end)
        if begin < end or (begin == end and window == Window()):
            yield {
                "id": chapter.id,
                "start": round((begin - window.shift) / unit),
                "end": round((end - window.shift) / unit),
                "time_base": unit,
                "metadata": dict(chapter.metadata),
            }
