"""Writing the result: frames are encoded, everything else of the source is copied."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from vidrestore.config import EncoderConfig, OutputConfig
from vidrestore.datatypes import DamageEntry, Frame, FrameFormat, StreamFate
from vidrestore.errors import OutputError
from vidrestore.video.copy.window import Window
from vidrestore.video.encode.encoder import Packets
from vidrestore.video.facts.containers import NO_REPORT, facts_of
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.mux.muxer import Muxer
from vidrestore.video.outputs.outfile import PendingFile
from vidrestore.video.outputs.outstream import PendingStream
from vidrestore.video.packets import FrameEncoder
from vidrestore.video.target import Target


class VideoSink:
    """Encodes frames into a file that also holds all other streams; implements ``stages.Sink``.

    Container, codec and every copied stream are checked here, before any work. A frame that was
    not touched is encoded from the decoder's own samples.

    ``push`` and ``finish`` belong to one thread; ``abort`` may come from any.

    Args:
        media: the source.
        fmt: of every frame that will come.
        path: the result's name, or a stream that it goes into.
        config: how to encode.
        output: what becomes of the other streams; the defaults if None.
        overwrite: whether an existing file may be replaced.
        start: as the source was cut, seconds from its beginning; such a result begins at 0.
        end: as the source was cut.

    Raises:
        OutputError: if the result cannot be written there, or its container cannot hold a stream.
        ConfigError: if the encoder is missing or refuses its options.
    """

    def __init__(
        self,
        media: MediaInfo,
        fmt: FrameFormat,
        path: str | Path | PendingStream,
        config: EncoderConfig,
        output: OutputConfig | None = None,
        *,
        overwrite: bool = False,
        start: Fraction | None = None,
        end: Fraction | None = None,
    ) -> None:
        self._options = output or OutputConfig()
        self._range = (start, end)
        self._lock = threading.RLock()
        self._over = False
        self._shift = Fraction(0)
        self._tags: dict[str, str] = {}
        self._report_room = 0
        self._pushed = self._joined = False
        self._muxer: Muxer | None = None
        self._frames: FrameEncoder | None = None
        self._pending: PendingFile | PendingStream
        if isinstance(path, PendingStream):
            self._pending = path
        else:
            keep = self._options.times == "keep"
            self._pending = PendingFile(path, media.path, overwrite=overwrite, keep_time=keep)
        try:
            self._target = Target(
                media,
                fmt,
                config,
                self._options,
                path=self._pending.path,
                container=self._pending.container,
                start=start,
                end=end,
            )
            self._media = self._target.media
            # What is only shortened keeps its times; a later begin is that of its first frame, and
            # where pictures are counted the first of all.
            last = None if end is None else media.start + end
            keeps = start is None and self._target.rate is None
            self._window: Window | None = Window(end=last) if keeps else None
            self._frames = self._target.encoder()
            self._provisional = not self._frames.encoder.settled
            self._lost = self._target.losses(self._frames)
            self._muxer = self._open()
            if self._window is not None:
                self._muxer.start(self._window)
        except BaseException:
            self.abort()
            raise

    @property
    def warnings(self) -> list[str]:
        """What could not be kept, one line each; complete after ``finish``."""
        assert self._frames is not None
        assert self._muxer is not None
        return [
            *self._frames.encoder.warnings,
            *self._lost,
            *self._muxer.warnings,
            *self._frames.captions.warnings,
        ]

    def _open(self) -> Muxer:
        assert self._frames is not None
        add = self._frames.encoder.add_to
        return Muxer(
            self._pending,
            self._media,
            add,
            self._options,
            self._target.unfit,
            tags=self._tags,
            room=self._report_room,
        )

    @property
    def target(self) -> Target | None:
        """What segments are encoded for, to be joined here; None where all frames must come here.

        AVI counts pictures from the first on, and a program of the user's own tells its parameters
        only once it has encoded some.
        """
        return None if self._provisional or self._target.rate is not None else self._target

    @property
    def streams(self) -> list[StreamFate]:
        """What becomes of each stream of the source, in the file's order."""
        assert self._muxer is not None
        return self._muxer.streams

    @property
    def damage(self) -> list[DamageEntry]:
        """What was wrong with the copied streams so far; see ``Damage.entries``."""
        assert self._muxer is not None
        return self._muxer.damage

    def mark(self, tags: Mapping[str, str], room: int = 0) -> None:
        """Have the container tell more than the source's does; before any frame.

        Args:
            tags: by name; they are added to the source's own.
            room: bytes for a report that ``attach`` brings later; 0 for none.

        Raises:
            OutputError: if the header cannot be written.
        """
        with self._lock:
            self._check_open()
            assert not self._pushed, "the header has been written"
            assert self._muxer is not None
            self._tags, self._report_room = dict(tags), 0 if self.no_report else room
            self._muxer.close()
            self._muxer = self._open()
            if self._window is not None:
                self._muxer.start(self._window)

    @property
    def no_report(self) -> str:
        """Why no report can be attached to the container, a line; empty where it can."""
        return "" if facts_of(self._pending.container).attached else NO_REPORT

    def attach(self, report: Callable[[Path], bytes]) -> None:
        """Have a report made in ``finish`` and put into the room that was taken for it.

        Args:
            report: makes it, not longer than its room, of the file that is whole but for that.
        """
        with self._lock:
            assert self._muxer is not None
            self._muxer.attach(report)

    def push(self, frame: Frame, /) -> None:
        """Encode one frame.

        Raises:
            OutputError: if encoding or writing fails.
        """
        with self._lock:
            self._check_open()
            if self._window is None:
                self._begin(frame.pts * frame.time_base)
            self._pushed = True
            assert self._frames is not None
            self._write(self._frames.encode(frame, round(self._shift / frame.time_base)))

    def join(self, packets: Iterable[av.Packet[Any]], first: Fraction, captions_lost: int) -> None:
        """Take packets that were encoded elsewhere, in place of frames.

        Args:
            packets: of all segments, in order; see ``joined``.
            first: time of the job's first frame, seconds of the source's clock.
            captions_lost: frames whose closed captions could not be kept.

        Raises:
            OutputError: if writing fails.
        """
        with self._lock:
            self._check_open()
            assert self._frames is not None
            assert self._muxer is not None
            if self._window is None:
                self._begin(first)
            for packet in packets:
                shift = round(self._shift / packet.time_base)
                packet.pts = (packet.pts or 0) - shift
                packet.dts = None if packet.dts is None else packet.dts - shift
                self._muxer.write([self._muxer.own(packet)])
            self._pushed = self._joined = True
            self._frames.captions.count += captions_lost

    @property
    def parameters(self) -> str:
        """SHA-256 of what the container gives decoders."""
        assert self._muxer is not None
        return self._muxer.parameters

    def _check_open(self) -> None:
        if self._over:
            raise OutputError(f"{self._pending.path} was closed before its last frame")

    def _begin(self, first: Fraction) -> None:
        """The first frame of a cut is at ``first``: the result's time starts with it."""
        start, end = self._range
        self._shift = first
        self._window = Window(
            None if start is None else first,
            None if end is None else self._media.start + end,
            first,
        )
        assert self._muxer is not None
        self._muxer.start(self._window)

    def _write(self, packets: Packets) -> None:
        assert self._muxer is not None
        assert self._window is not None
        if not packets:
            return
        if self._provisional:
            self._provisional = False
            # The header was a trial's; now the encoder has written its own.
            self._muxer.close()
            self._muxer = self._open()
            self._muxer.start(self._window)
        self._muxer.write(packets)

    def finish(self) -> None:
        """Write what is held, close, and publish the result whole.

        Raises:
            OutputError: if anything of that fails; nothing is left behind then.
        """
        with self._lock:
            self._check_open()
            assert self._muxer is not None
            assert self._frames is not None
            try:
                self._check_pushed()
                if not self._joined:
                    self._write(self._frames.encode(None))
                self._muxer.finish()
                self._frames.close()
                self._pending.publish()
            except BaseException:
                self.abort()
                raise
            self._over = True

    def _check_pushed(self) -> None:
        if not self._pushed:
            raise OutputError(f"no frame was written to {self._pending.path}")

    def abort(self) -> None:
        """Give up and leave nothing behind; safe at any time, from any thread, and twice."""
        if self._frames is not None and not self._over:
            # A push that waits for a hanging program would keep the lock for ever.
            self._frames.encoder.kill()
        with self._lock:
            if self._over:
                return
            self._over = True
            if self._frames is not None:
                self._frames.close()
            if self._muxer is not None:
                self._muxer.close()
            self._pending.discard()
