"""Writing the result in process: PyAV encodes, everything else of the source is copied."""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error
from av.codec.context import Flags
from av.video.frame import PictureType
from av.video.stream import VideoStream

from vidrestore.config import EncoderConfig
from vidrestore.datatypes import Frame, FrameFormat
from vidrestore.errors import ConfigError, OutputError
from vidrestore.video import encoding, formats
from vidrestore.video.files import reason
from vidrestore.video.media import MediaInfo
from vidrestore.video.muxer import Muxer
from vidrestore.video.outfile import PendingFile
from vidrestore.video.planes import Copier
from vidrestore.video.streams import Window


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
        overwrite: whether an existing file may be replaced.
        start: as the source was cut, seconds from its beginning; a cut result begins at 0.
        end: as the source was cut.

    Attributes:
        warnings: what could not be kept, one line each.

    Raises:
        OutputError: if the result cannot be written there, or its container cannot hold a stream.
        ConfigError: if the encoder refuses its options.
    """

    def __init__(
        self,
        media: MediaInfo,
        fmt: FrameFormat,
        path: str | Path,
        config: EncoderConfig,
        *,
        overwrite: bool = False,
        start: Fraction | None = None,
        end: Fraction | None = None,
    ) -> None:
        self._media = media
        self._range = (start, end)
        self._lock = threading.RLock()
        self._copier = Copier()
        self._started = self._over = False
        self._shift = 0
        self._plan = encoding.plan(config, fmt, media.picture.colour)
        self._pending = PendingFile(path, media.path, overwrite=overwrite)
        try:
            self._muxer = Muxer(self._pending, media, self._add_video)
            self._open_encoder(config)
        except BaseException:
            self.abort()
            raise
        self.warnings = [*self._plan.warnings, *self._muxer.warnings]

    def _add_video(self, output: av.container.OutputContainer) -> VideoStream:
        plan, picture = self._plan, self._media.picture
        base = self._media.stream.time_base or Fraction(1, 90_000)
        try:
            stream = output.add_stream(
                plan.encoder,
                rate=picture.rate or 25,
                options=dict(plan.options),
                width=plan.fmt.width,
                height=plan.fmt.height,
                time_base=base,
            )
        except ValueError as error:
            raise OutputError(
                f"a {self._pending.container} file cannot hold {plan.encoder} video; "
                "name the output *.mkv"
            ) from error
        assert isinstance(stream, VideoStream)
        context = stream.codec_context
        context.pix_fmt = plan.pix_fmt
        context.sample_aspect_ratio = picture.sample_aspect
        context.color_primaries = plan.colour.primaries
        context.color_trc = plan.colour.transfer
        context.colorspace = plan.colour.matrix
        context.color_range = plan.colour.range
        context.thread_type = "AUTO"
        # Without it durations are lost on the way through the encoder.
        context.flags |= Flags.frame_duration
        return stream

    def _open_encoder(self, config: EncoderConfig) -> None:
        try:
            self._muxer.video.codec_context.open()
        except (av.error.FFmpegError, ValueError) as error:
            raise ConfigError(
                f"{self._plan.encoder} does not open with encoder.speed = {config.speed!r}, "
                f"encoder.crf = {config.crf:g} and options {config.options}: {reason(error)}"
            ) from error

    def push(self, frame: Frame, /) -> None:
        """Encode one frame.

        Raises:
            OutputError: if encoding or writing fails.
        """
        with self._lock:
            if self._over:
                raise OutputError(f"{self._pending.path} was closed before its last frame")
            if not self._started:
                self._start(frame)
            picture = self._convert(self._copier.picture(frame))
            picture.pts = frame.pts - self._shift
            picture.time_base = frame.time_base
            picture.duration = frame.duration
            # The source's picture types are its encoder's affair, not ours.
            picture.pict_type = PictureType.NONE
            self._encode(picture)

    def _start(self, frame: Frame) -> None:
        start, end = self._range
        origin = self._media.start
        window = Window()
        if start is not None or end is not None:
            self._shift = frame.pts
            window = Window(
                None if start is None else frame.pts * frame.time_base,
                None if end is None else origin + end,
                frame.pts * frame.time_base,
            )
        self._muxer.start(window)
        self._started = True

    def _convert(self, picture: av.VideoFrame) -> av.VideoFrame:
        plan = self._plan
        if picture.format.name == plan.pix_fmt:
            return picture
        inside = formats.FULL if picture.format.is_rgb else plan.colour.range
        outside = formats.FULL if plan.fmt.layout == "rgb" else plan.colour.range
        return picture.reformat(
            format=plan.pix_fmt,
            src_color_range=inside or formats.LIMITED,
            dst_color_range=outside or formats.LIMITED,
            dst_colorspace=plan.colour.matrix if plan.colour.matrix in {1, 4, 5, 6, 7, 9} else None,
        )

    def _encode(self, picture: av.VideoFrame | None) -> None:
        try:
            packets = self._muxer.video.encode(picture)
        except (av.error.FFmpegError, ValueError) as error:
            raise OutputError(
                f"{self._plan.encoder} failed while writing {self._pending.path}: {reason(error)}"
            ) from error
        self._muxer.write(packets)

    def finish(self) -> None:
        """Write what is held, close, and publish the result whole.

        Raises:
            OutputError: if anything of that fails; nothing is left behind then.
        """
        with self._lock:
            if self._over:
                raise OutputError(f"{self._pending.path} was already closed")
            try:
                self._check_started()
                self._encode(None)
                self._muxer.finish()
                self.warnings = [*self._plan.warnings, *self._muxer.warnings]
                self._pending.publish()
            except BaseException:
                self.abort()
                raise
            self._over = True

    def _check_started(self) -> None:
        if not self._started:
            raise OutputError(f"no frame was written to {self._pending.path}")

    def abort(self) -> None:
        """Give up and leave nothing behind; safe at any time, from any thread, and twice."""
        with self._lock:
            if self._over:
                return
            self._over = True
            if hasattr(self, "_muxer"):
                self._muxer.close()
            self._pending.discard()
