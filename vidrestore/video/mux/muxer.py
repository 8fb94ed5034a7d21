"""Writing a container: the restored stream, everything else of the source, tags and chapters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import av
import av.container
import av.error
from av.stream import Stream
from av.video.stream import VideoStream

from vidrestore.config import OutputConfig
from vidrestore.datatypes import DamageEntry, StreamFate
from vidrestore.errors import OutputError
from vidrestore.video.copy import avi
from vidrestore.video.copy.streams import StreamCopier
from vidrestore.video.copy.window import Window
from vidrestore.video.demux.files import reason, url
from vidrestore.video.encode.encoder import parameters_of
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.mux import attachment
from vidrestore.video.mux.finishing import Finishing
from vidrestore.video.mux.header import (
    chapters,
    container_tags,
    move_timecodes,
    muxer_options,
    tag_restored,
)
from vidrestore.video.outputs.outfile import PendingFile
from vidrestore.video.outputs.outstream import PendingStream

REPORT_NAME: Final = "vidrestore.json"
"""Of the report that is attached to a result."""

AddVideo = Callable[[av.container.OutputContainer], VideoStream]


class Muxer:
    """One output file.

    Args:
        pending: the file to write, or the stream.
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
        pending: PendingFile | PendingStream,
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
        self._output: av.container.OutputContainer | None = None
        self._restored: VideoStream | None = None
        self._begun = False
        try:
            self._output = self._open(add_video)
        except OutputError:
            self.close()
            raise
        except (av.error.FFmpegError, OSError, ValueError) as error:
            self.close()
            raise OutputError(f"cannot write {pending.path}: {reason(error)}") from error

    def _open(self, add_video: AddVideo) -> av.container.OutputContainer:
        output = av.open(
            self._pending.opened(),
            "w",
            format=self._pending.container,
            container_options={
                **muxer_options(self._media, self._pending.container),
                **self._pending.options,
            },
        )
        self._output = output
        for stream in self._media.streams:
            if stream.index == self._media.restored:
                added: Stream | None = add_video(output)
                assert isinstance(added, VideoStream)
                tag_restored(added, self._media)
                self._restored = added
            else:
                added = self._copier.add_to(output, stream.index)
            if added is not None:
                self._finishing.add(added, stream.picture)
        if self._report_room:
            attachment.reserve(output, REPORT_NAME, "application/json", self._report_room)
        tags = container_tags(self._media, self._tags, self._pending.container)
        output.metadata.update(tags)
        self._finishing.tag(tags)
        return output

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
    def warnings(self) -> list[str]:
        """What could not be kept of the other streams so far, one line each."""
        return [*self._copier.warnings, *self._copier.damage.warnings]

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
            move_timecodes(self._output, self._media, window)
        kept = list(chapters(self._media, window))
        if kept:
            self._output.set_chapters(kept)
        self._guarded(self._output.start_encoding)
        self._copier.begin(window)

    def attach(self, report: Callable[[Path], bytes]) -> None:
        """Have a report made of the file when all else is written, and put into its room."""
        self._finishing.attach(REPORT_NAME, report)

    def own(self, packet: av.Packet[Any]) -> av.Packet[VideoStream]:
        """A packet of no stream as one of the restored stream."""
        assert self._restored is not None
        packet.stream = self._restored
        return packet

    @property
    def parameters(self) -> str:
        """SHA-256 of what the container gives decoders of the restored stream."""
        assert self._restored is not None
        return parameters_of(self._restored)

    def write(self, packets: Iterable[av.Packet[VideoStream]]) -> None:
        """Write encoded packets of the restored stream, the others between them by time."""
        assert self._output is not None
        if not self._begun:
            self._guarded(self._pending.begin, self._finishing.write)
            self._begun = True
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
        self._guarded(self._output.close)
        self._guarded(self._pending.complete, self._amend)
        self._copier.close()

    def _amend(self, path: Path) -> None:
        self._finishing.write(path)
        # Muxers tell nobody of some of what they fail at.
        with av.open(url(path), metadata_errors="replace") as file:
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
