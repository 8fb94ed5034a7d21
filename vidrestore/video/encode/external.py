"""Encoding with the user's own FFmpeg: pictures go in through a pipe, packets come back.

The binary sees one raw video in a NUT stream (which holds any time stamp exactly) and answers with
one encoded video in a NUT stream. Containers, sound and everything else stay with this program, so
that a result is the same file whoever encodes.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from fractions import Fraction
from typing import Any

import av
import av.container
import av.error
import ffmpeg
from av.video.stream import VideoStream

from vidrestore.config import EncoderConfig
from vidrestore.datatypes import FrameFormat
from vidrestore.errors import ConfigError
from vidrestore.text.escaping import quoted
from vidrestore.video.demux.files import reason
from vidrestore.video.encode import codecs, encoding
from vidrestore.video.encode.encoder import Packets, cannot_hold, tag
from vidrestore.video.encode.external_options import own_options
from vidrestore.video.encode.piped import RawWriter, Session, cause
from vidrestore.video.facts.encoders import encoder
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.pixels import formats, hdr
from vidrestore.video.pixels.planes import field_mode
from vidrestore.video.pixels.regrid import Regrid

TRIAL_SECONDS = 120


def command(
    config: EncoderConfig, media: MediaInfo, fmt: FrameFormat, time_base: Fraction
) -> list[str]:
    """The command line that encodes NUT on standard input to NUT on standard output.

    Raises:
        ConfigError: if an option would not be one of the encoder.
    """
    codec = codecs.encoder_name(config.codec)
    extra = own_options(config, codec)
    flags = "+global_header"
    if asked := extra.pop("flags", ""):
        flags += asked if asked[0] in "+-" else f"+{asked}"
    settings: dict[str, Any] = dict(codecs.rate_options(config, codec))
    colour = media.picture.colour
    span = formats.FULL if fmt.full_range and fmt.layout != "rgb" else colour.range
    if media.picture.interlaced:
        encoding.check_interlaced(codec)
    # Raw video says nothing about colour; these tags convert nothing.
    tags: dict[str, Any] = {
        "field_mode": field_mode(media.picture),
        "range": span,
        "color_primaries": colour.primaries,
        "color_trc": colour.transfer,
        "colorspace": 0 if fmt.layout == "rgb" else colour.matrix,
    }
    location = encoding.chroma_location(colour, fmt, fmt).get("chroma_sample_location")
    if location not in {None, "left"}:
        # What decoders take for granted need not be said: older versions know no such option.
        tags["chroma_location"] = location
    if media.picture.interlaced:
        flags += "+ildct+ilme"
    if span:
        # Newer versions scale to the encoder's default range if they are not told.
        settings["color_range"] = {formats.LIMITED: "tv", formats.FULL: "pc"}[span]
    for part in (hdr.parameters(encoder(codec), colour), extra):
        for name, value in part.items():
            joined = name.endswith("-params") and name in settings
            settings[name] = f"{settings[name]}:{value}" if joined else value
    output = (
        ffmpeg.input("pipe:0", format="nut")
        .filter("setparams", **tags)
        .filter("setsar", sar=str(media.picture.sample_aspect))
        .output(
            "pipe:1",
            format="nut",
            vcodec=codec,
            fps_mode="passthrough",
            enc_time_base=f"{time_base.numerator}:{time_base.denominator}",
            flags=flags,
            avoid_negative_ts="disabled",
            **settings,
        )
        .global_args("-hide_banner", "-loglevel", "error", "-copyts")
    )
    line: list[str] = ffmpeg.compile(output, cmd=config.ffmpeg)
    return line


class ExternalEncoder:
    """An encoder of the user's own FFmpeg binary; implements ``encoder.Encoder``.

    Two frames are encoded at once to see that binary, encoder and options work.

    Args:
        config: how to encode.
        fmt: of the pictures that will come.
        media: the source.

    Raises:
        ConfigError: if the binary is missing, or does not encode with these options.
    """

    settled = False
    # Raw video in a pipe has no place for them.
    captions = False

    def __init__(self, config: EncoderConfig, fmt: FrameFormat, media: MediaInfo) -> None:
        self.warnings: tuple[str, ...] = ()
        # What is converted is converted here: FFmpeg lets colour drift in pictures of odd sizes.
        taken = encoding.even_format(codecs.encoder_name(config.codec), fmt)
        same = taken.pix_fmt == fmt.pix_fmt
        self._regrid = None if same else Regrid.samples(fmt, taken.pix_fmt)
        self._config, self._fmt, self._media = config, taken, media
        self.written = taken
        self._base = media.stream.time_base or Fraction(1, 90_000)
        if "\0" in config.ffmpeg or shutil.which(config.ffmpeg) is None:
            raise ConfigError(
                f"there is no program {quoted(config.ffmpeg)}; install FFmpeg or name its binary "
                "with encoder.ffmpeg"
            )
        self._command = command(config, media, taken, self._base)
        self._template = self._try()
        written = self._template.codec_context.format
        self.alpha = written is not None and any(part.is_alpha for part in written.components)
        self._session: Session | None = None
        self._killed = False
        self._origin = 0
        self._durations: dict[int, int] = {}
        self._timed = False
        self._untimed: Packets = []

    def _try(self) -> VideoStream:
        """The stream that two gray frames make."""
        raw = io.BytesIO()
        try:
            writer = RawWriter(raw, self._media, self._fmt)
            for index in range(2):
                picture = av.VideoFrame(self._fmt.width, self._fmt.height, self._fmt.pix_fmt)
                for plane in picture.planes:
                    plane.update(b"\x10" * plane.buffer_size)
                picture.pts, picture.time_base = index * self._frame_ticks(), self._base
                writer.write(picture)
            writer.close()
            done = subprocess.run(  # noqa: S603 - the user's own program
                self._command,
                input=raw.getvalue(),
                capture_output=True,
                check=False,
                timeout=TRIAL_SECONDS,
            )
        except (av.error.FFmpegError, ValueError) as error:
            raise ConfigError(
                f"encoder.backend ffmpeg cannot take {self._fmt.pix_fmt} frames: {reason(error)}; "
                "use encoder.backend pyav"
            ) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ConfigError(f"{self._config.ffmpeg} cannot be run: {reason(error)}") from error
        said = cause(done.stderr.decode(errors="replace").splitlines())
        if done.returncode != 0:
            raise ConfigError(f"{self._config.ffmpeg} cannot encode {self._config.codec}: {said}")
        try:
            self._sample = av.open(io.BytesIO(done.stdout), format="nut")
        except (av.error.FFmpegError, ValueError) as error:
            raise ConfigError(
                f"{self._config.ffmpeg} gives nothing readable with {self._config.codec}: {said}"
            ) from error
        return self._sample.streams.video[0]

    def _frame_ticks(self) -> int:
        rate = self._media.picture.rate or 25
        return max(1, round(1 / (rate * self._base)))

    def add_to(self, output: av.container.OutputContainer) -> VideoStream:
        """Add a stream like the one that the binary writes."""
        template = self._template
        if self._session is not None and self._session.stream is not None:
            template = self._session.stream
        try:
            stream = output.add_stream_from_template(template, opaque=True)
        except ValueError as error:
            raise cannot_hold(output.format.name, self._config.codec) from error
        colour = self._media.picture.colour
        tag(stream.codec_context, self._media.picture, colour)
        codecs.tag(output.format.name, stream)
        return stream

    def encode(self, picture: av.VideoFrame | None) -> Packets:
        """Hand one picture to the binary, or the end; packets come when it gives them."""
        if self._session is None:
            assert picture is not None
            self._origin = picture.pts or 0
            self._session = Session(self._command, self._media, self._fmt)
            if self._killed:
                self._session.kill()
        if picture is not None:
            if self._regrid is not None:
                picture = self._regrid(picture)
            picture.pts = (picture.pts or 0) - self._origin
            self._durations[picture.pts] = picture.duration
        packets = self._session.exchange(picture)
        for packet in packets:
            self._restore_time(packet)
        return self._complete(packets, last=picture is None)

    def _complete(self, packets: Packets, *, last: bool) -> Packets:
        """Give the first packets the decoding times that NUT does not say for reordered pictures.

        They come before the first time that is known, one frame apart: any rising times will do.
        """
        if self._timed:
            return packets
        self._untimed += packets
        known = next((n for n, p in enumerate(self._untimed) if p.dts is not None), None)
        if known is None and not last:
            return []
        self._timed = True
        packets, self._untimed = self._untimed, []
        if known is None:
            for packet in packets:
                packet.dts = packet.pts
            return packets
        first = packets[known].dts or 0
        for number, packet in enumerate(packets[:known]):
            packet.dts = first - (known - number) * self._frame_ticks()
        return packets

    def _restore_time(self, packet: av.Packet[VideoStream]) -> None:
        """From the pipe's clock, which starts at 0, to the source's, with the duration."""
        source = packet.time_base
        pts = round((packet.pts or 0) * source / self._base)
        dts = None if packet.dts is None else round(packet.dts * source / self._base)
        packet.time_base = self._base
        packet.pts = pts + self._origin
        packet.dts = None if dts is None else min(dts, pts) + self._origin
        packet.duration = self._durations.pop(pts, 0)

    def kill(self) -> None:
        """Kill the binary, also one that is just being started."""
        self._killed = True
        if self._session is not None:
            self._session.kill()

    def close(self) -> None:
        """End the binary and its threads."""
        self._sample.close()
        if self._session is not None:
            self._session.close()
