"""Writing the result: frames are encoded, everything else of the source is copied."""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import PictureType

from vidrestore.config import EncoderConfig, OutputConfig
from vidrestore.datatypes import Frame, FrameFormat
from vidrestore.errors import OutputError
from vidrestore.video.copy import avi
from vidrestore.video.copy.regular import examine
from vidrestore.video.copy.selection import asked_of
from vidrestore.video.copy.window import Window
from vidrestore.video.encode import codecs
from vidrestore.video.encode.compatible import Compatible, is_for_players
from vidrestore.video.encode.encoder import Encoder, InProcessEncoder, Packets, cannot_hold
from vidrestore.video.encode.playing import unplayable
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.mux.finishing import lost_marks
from vidrestore.video.mux.muxer import Muxer
from vidrestore.video.outputs.outfile import PendingFile
from vidrestore.video.pixels import hdr, transparency
from vidrestore.video.pixels.captions import Loss
from vidrestore.video.pixels.planes import Copier, field_mode


class VideoSink:
    """Encodes frames into a file that also holds all other streams; implements ``stages.Sink``.

    Container, codec and every copied stream are checked here, before any work. A frame that was
    not touched is encoded from the decoder's own samples.

    ``push`` and ``finish`` belong to one thread; ``abort`` may come from any.

    Args:
        media: the source.
        fmt: of every frame that will come.
        path: the result's name.
        config: how to encode.
        output: what becomes of the other streams; the defaults if None.
        overwrite: whether an existing file may be replaced.
        start: as the source was cut, seconds from its beginning; such a result begins at 0.
        end: as the source was cut.

    Attributes:
        warnings: what could not be kept, one line each; complete after ``finish``.

    Raises:
        OutputError: if the result cannot be written there, or its container cannot hold a stream.
        ConfigError: if the encoder is missing or refuses its options.
    """

    def __init__(
        self,
        media: MediaInfo,
        fmt: FrameFormat,
        path: str | Path,
        config: EncoderConfig,
        output: OutputConfig | None = None,
        *,
        overwrite: bool = False,
        start: Fraction | None = None,
        end: Fraction | None = None,
    ) -> None:
        self._options = output or OutputConfig()
        self._form: Compatible | None = None
        given = fmt
        if self._options.compatible and is_for_players(config.codec):
            self._form = Compatible(media, fmt)
            media, fmt = self._form.media, self._form.format
        self._media = media
        self._range = (start, end)
        self._lock = threading.RLock()
        self._copier = Copier(field_mode(media.picture))
        self._over = False
        # What is only shortened keeps its times; a later begin is that of its first frame.
        last = None if end is None else media.start + end
        self._window: Window | None = Window(end=last) if start is None else None
        self._shift = 0
        self._pushed = False
        self._placer: avi.Placer | None = None
        self._unfit: dict[int, str] = {}
        self._absent: list[str] = []
        self._muxer: Muxer | None = None
        self._encoder: Encoder | None = None
        self._pending = PendingFile(path, media.path, overwrite=overwrite)
        try:
            config = codecs.resolved(config, self._pending.container, fmt)
            if self._pending.container == avi.FORMAT:
                self._prepare_avi(config)
            self._encoder = self._choose(config, fmt)
            self._provisional = not self._encoder.settled
            self._captions = self._caption_loss(config)
            self._lost = self._losses(config.codec, given)
            self._muxer = self._open()
            if self._window is not None:
                self._muxer.start(self._window)
        except BaseException:
            self.abort()
            raise
        self.warnings = self._told()

    def _losses(self, codec: str, fmt: FrameFormat) -> list[str]:
        """What neither codec nor container can hold of the picture, a line each."""
        assert self._encoder is not None
        picture, container = self._media.picture, self._pending.container
        strict, kept = self._options.strict, self._encoder.alpha
        return [
            *hdr.lost(codec, picture.colour, strict=strict),
            *lost_marks(picture, container, strict=strict),
            *([] if self._form is None else self._form.warnings),
            *transparency.lost(fmt, codec, container, kept=kept, strict=strict),
            *unplayable(container, codec, self._encoder.written, asked=self._options.compatible),
        ]

    def _prepare_avi(self, config: EncoderConfig) -> None:
        """See what AVI can hold of the source, and count pictures instead of telling times."""
        if config.backend == "pyav" and config.codec not in avi.PICTURES:
            raise cannot_hold(avi.FORMAT, config.codec)
        kept = [
            info
            for info in self._media.streams
            if info.index != self._media.restored and asked_of(info, self._options) != "drop"
        ]
        self._absent = avi.lost(self._media, kept, strict=self._options.strict)
        found = examine(self._media, *self._range)
        self._unfit, self._window = found.unfit, None
        self._media = avi.delivered(self._media, found.rate)
        self._placer = avi.Placer(found.rate, self._pending.path)

    def _caption_loss(self, config: EncoderConfig) -> Loss:
        assert self._encoder is not None
        why = None
        if not self._encoder.captions:
            who = "your own FFmpeg" if config.backend == "ffmpeg" else config.codec
            why = f"{who} cannot take them; choose encoder.codec libx264 or libx265"
            if config.backend == "ffmpeg":
                why += " and encoder.backend pyav"
        expected = self._media.captions
        return Loss(why, expected=expected, strict=self._options.strict)

    def _told(self) -> list[str]:
        assert self._encoder is not None
        assert self._muxer is not None
        return [
            *self._encoder.warnings,
            *self._lost,
            *self._absent,
            *self._muxer.warnings,
            *self._captions.warnings(),
        ]

    def _choose(self, config: EncoderConfig, fmt: FrameFormat) -> Encoder:
        if config.backend == "pyav":
            return InProcessEncoder(config, fmt, self._media)
        # ffmpeg-python is only needed by who pipes to a program of his own.
        from vidrestore.video.encode.external import ExternalEncoder  # noqa: PLC0415

        return ExternalEncoder(config, fmt, self._media)

    def _open(self) -> Muxer:
        assert self._encoder is not None
        add = self._encoder.add_to
        return Muxer(self._pending, self._media, add, self._options, self._unfit)

    @property
    def streams(self) -> list[dict[str, object]]:
        """What becomes of each stream of the source, in the file's order."""
        assert self._muxer is not None
        return self._muxer.streams

    @property
    def damage(self) -> list[dict[str, object]]:
        """What was wrong with the copied streams so far; see ``Damage.entries``."""
        assert self._muxer is not None
        return self._muxer.damage

    def push(self, frame: Frame, /) -> None:
        """Encode one frame.

        Raises:
            OutputError: if encoding or writing fails.
        """
        with self._lock:
            self._check_open()
            if self._window is None:
                self._begin(frame)
            self._pushed = True
            self._captions.observe(frame)
            picture = self._copier.picture(frame)
            picture.pts = frame.pts - self._shift
            picture.time_base = frame.time_base
            picture.duration = frame.duration
            if self._placer is not None:
                picture.pts, picture.duration = self._placer(frame), 1
                picture.time_base = 1 / self._placer.rate
            # The source's picture types are its encoder's affair, not ours.
            picture.pict_type = PictureType.NONE
            self._encode(picture if self._form is None else self._form(picture))

    def _check_open(self) -> None:
        if self._over:
            raise OutputError(f"{self._pending.path} was closed before its last frame")

    def _begin(self, frame: Frame) -> None:
        """The first frame of a cut: the result's time starts with it."""
        start, end = self._range
        self._shift = frame.pts
        first = frame.pts * frame.time_base
        self._window = Window(
            None if start is None else first,
            None if end is None else self._media.start + end,
            first,
        )
        assert self._muxer is not None
        self._muxer.start(self._window)

    def _encode(self, picture: av.VideoFrame | None) -> None:
        assert self._encoder is not None
        packets = self._encoder.encode(picture)
        if packets:
            self._write(packets)

    def _write(self, packets: Packets) -> None:
        assert self._muxer is not None
        assert self._encoder is not None
        assert self._window is not None
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
            assert self._encoder is not None
            try:
                self._check_pushed()
                self._encode(None)
                self._muxer.finish()
                self._encoder.close()
                self.warnings = self._told()
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
        if self._encoder is not None and not self._over:
            # A push that waits for a hanging program would keep the lock for ever.
            self._encoder.kill()
        with self._lock:
            if self._over:
                return
            self._over = True
            if self._encoder is not None:
                self._encoder.close()
            if self._muxer is not None:
                self._muxer.close()
            self._pending.discard()
