"""Turning pictures into packets: the protocol, and the encoder that runs in this process."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Protocol, TypeAlias

import av
import av.container
import av.error
from av.codec.context import Flags
from av.stream import Stream
from av.video.stream import VideoStream

from vidrestore.config import EncoderConfig
from vidrestore.datatypes import FrameFormat
from vidrestore.errors import ConfigError, OutputError
from vidrestore.video.demux.files import reason
from vidrestore.video.encode import codecs, encoding
from vidrestore.video.encode.encoding import EncoderPlan
from vidrestore.video.facts.media import MediaInfo, Picture
from vidrestore.video.facts.tags import Colour
from vidrestore.video.pixels import formats
from vidrestore.video.pixels.regrid import Regrid

Packets: TypeAlias = "list[av.Packet[VideoStream]]"

# libx265 takes decoding times from the picture that comes after so many, and where none comes
# from memory that it never set.
_UNTIMED = 2


class Encoder(Protocol):
    """Encodes one video; the container is someone else's.

    Attributes:
        warnings: what cannot be kept, one line each.
        captions: whether the closed captions that lie in the pictures are written.
        alpha: whether transparency is written, if there is any.
        written: the samples that are encoded.
        settled: whether ``add_to`` gives the final stream from the start; if not, it does once the
            first packets have come.
    """

    warnings: tuple[str, ...]
    captions: bool
    alpha: bool
    written: FrameFormat
    settled: bool

    def add_to(self, output: av.container.OutputContainer) -> VideoStream:
        """Add the stream that the packets will belong to.

        Raises:
            OutputError: if the container cannot hold it.
        """
        ...

    def encode(self, picture: av.VideoFrame | None) -> Packets:
        """Packets that are ready, their times set, in decoding order; None asks for the rest.

        Raises:
            OutputError: if encoding fails.
        """
        ...

    def kill(self) -> None:
        """End a call to ``encode`` that hangs; from any thread."""
        ...

    def close(self) -> None:
        """Release everything; safe to call twice."""
        ...


def cannot_hold(container: str, encoder: str) -> OutputError:
    """The error for a codec that a container does not take."""
    other = "*.mkv" if container != "matroska" else "*.mov"
    return OutputError(
        f"{container} files cannot hold {encoder} video; name the output {other} "
        "or choose another encoder.codec"
    )


def _named(options: Mapping[str, str]) -> str:
    """Options of an encoder as they are typed."""
    return " ".join(f"{name}={value}" for name, value in options.items()) or "(none)"


def parameters_of(stream: VideoStream) -> str:
    """SHA-256 of what a container must give decoders of a stream: its extradata."""
    return hashlib.sha256(stream.codec_context.extradata or b"").hexdigest()


def tag(context: av.VideoCodecContext, picture: Picture, colour: Colour) -> None:
    """Set what a container gives players about the picture; before the first packet."""
    context.sample_aspect_ratio = picture.sample_aspect
    context.color_primaries = colour.primaries
    context.color_trc = colour.transfer
    context.colorspace = colour.matrix
    context.color_range = colour.range
    context.field_order = picture.field_order


class InProcessEncoder:
    """An encoder of PyAV's own FFmpeg.

    Args:
        config: how to encode.
        fmt: of the pictures that will come.
        media: the source.

    Raises:
        ConfigError: if the encoder is not there or does not know an option.
    """

    settled = True

    def __init__(self, config: EncoderConfig, fmt: FrameFormat, media: MediaInfo) -> None:
        self._config = config
        self._media = media
        self._plan: EncoderPlan = encoding.plan(config, fmt, media.picture.colour)
        if media.picture.interlaced:
            encoding.check_interlaced(self._plan.encoder)
        self._fmt = fmt
        self._regrid: Regrid | None = None
        self._stream: VideoStream | None = None
        self._taken = 0
        self.warnings = self._plan.warnings
        self.captions = self._plan.captions
        self.alpha = self._plan.fmt.alpha
        self.written = self._plan.fmt

    def add_to(self, output: av.container.OutputContainer) -> VideoStream:
        """Add the stream and open the encoder.

        Raises:
            OutputError: if the container cannot hold it.
            ConfigError: if the encoder refuses its options.
        """
        plan = self._plan
        try:
            stream: Stream = output.add_stream(
                plan.encoder,
                rate=self._media.picture.rate or 25,
                options=dict(plan.options),
                width=plan.fmt.width,
                height=plan.fmt.height,
                time_base=self._media.stream.time_base or Fraction(1, 90_000),
            )
        except ValueError as error:
            raise cannot_hold(output.format.name, plan.encoder) from error
        assert isinstance(stream, VideoStream)
        context = stream.codec_context
        context.pix_fmt = plan.pix_fmt
        context.thread_type = "AUTO"
        # Some packets depend on how many threads made them.
        context.thread_count = self._config.threads
        codecs.tag(output.format.name, stream)
        # Tags must be there before the first picture: encoders ignore those of a frame.
        tag(context, self._media.picture, plan.colour)
        if self._media.picture.interlaced:
            context.flags |= Flags.interlaced_dct | Flags.interlaced_me
        # Without it durations are lost on the way through the encoder.
        context.flags |= Flags.frame_duration
        try:
            context.open()
        except (av.error.FFmpegError, ValueError) as error:
            config = self._config
            raise ConfigError(
                f"{plan.encoder} does not open with encoder.speed {config.speed}, encoder.crf "
                f"{config.crf:g} and encoder.options {_named(config.options)}: {reason(error)}; "
                "change one of them"
            ) from error
        self._stream = stream
        return stream

    def encode(self, picture: av.VideoFrame | None) -> Packets:
        """Encode one picture; None for the end."""
        assert self._stream is not None
        self._taken += picture is not None
        try:
            packets = self._stream.encode(None if picture is None else self._convert(picture))
        except (av.error.FFmpegError, ValueError) as error:
            raise OutputError(f"{self._plan.encoder} failed: {reason(error)}") from error
        if picture is None and self._taken <= _UNTIMED and self._plan.encoder == "libx265":
            for packet in packets:  # so few are decoded in the order in which they are shown
                packet.dts = packet.pts
        return packets

    def _convert(self, picture: av.VideoFrame) -> av.VideoFrame:
        plan = self._plan
        if picture.format.name == plan.pix_fmt:
            return picture
        if plan.fmt.layout == self._fmt.layout == "yuv":
            if self._regrid is None:
                self._regrid = Regrid.samples(self._fmt, plan.pix_fmt)
            return self._regrid(picture)
        # The range stays what it is; only RGB is always full.
        span = plan.colour.range or formats.LIMITED
        return picture.reformat(
            format=plan.pix_fmt,
            src_color_range=formats.FULL if picture.format.is_rgb else span,
            dst_color_range=formats.FULL if plan.fmt.layout == "rgb" else span,
            dst_colorspace=plan.colour.matrix if plan.colour.matrix in {1, 4, 5, 6, 7, 9} else None,
        )

    def kill(self) -> None:
        """Nothing here hangs."""

    def close(self) -> None:
        """The container owns the encoder."""
        self._stream = None
