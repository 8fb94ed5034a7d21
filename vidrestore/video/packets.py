"""From frames to packets: all that does not depend on where the packets go."""

from __future__ import annotations

from av.video.frame import PictureType

from vidrestore.config import EncoderConfig, OutputConfig
from vidrestore.datatypes import Frame, FrameFormat
from vidrestore.video.copy import avi
from vidrestore.video.encode.compatible import Compatible
from vidrestore.video.encode.encoder import Encoder, InProcessEncoder, Packets
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.pixels.captions import Loss
from vidrestore.video.pixels.planes import Copier, field_mode


class FrameEncoder:
    """Encodes the frames of a job, or of a segment of one.

    A frame that was not touched is encoded from the decoder's own samples.

    Args:
        media: the source, in the form that is written.
        fmt: of what is written.
        config: how to encode; the codec is no longer "auto".
        output: whether captions may be lost.
        form: brings frames to ``fmt``; None where they have it.
        placer: counts pictures where a container gives no times; None elsewhere.

    Attributes:
        encoder: makes the packets; ``add_to`` is to be called before the first frame.
        captions: what becomes of closed captions.

    Raises:
        ConfigError: if the encoder is missing or refuses its options.
        OutputError: if captions would be lost that must not be.
    """

    def __init__(
        self,
        media: MediaInfo,
        fmt: FrameFormat,
        config: EncoderConfig,
        output: OutputConfig,
        *,
        form: Compatible | None,
        placer: avi.Placer | None,
    ) -> None:
        self._form, self._placer = form, placer
        self._copier = Copier(field_mode(media.picture))
        self.encoder = _chosen(media, fmt, config)
        self.captions = self._caption_loss(media, config, output)

    def _caption_loss(self, media: MediaInfo, config: EncoderConfig, output: OutputConfig) -> Loss:
        why = None
        if not self.encoder.captions:
            who = "your own FFmpeg" if config.backend == "ffmpeg" else config.codec
            why = f"{who} cannot take them; choose encoder.codec libx264 or libx265"
            if config.backend == "ffmpeg":
                why += " and encoder.backend pyav"
        return Loss(why, expected=media.captions, strict=output.strict)

    def encode(self, frame: Frame | None, shift: int = 0) -> Packets:
        """Packets that are ready, in decoding order; None asks for the rest.

        Args:
            frame: the next one.
            shift: units of its time base that are taken from its time.

        Raises:
            OutputError: if encoding fails, or captions would be lost that must not be.
        """
        if frame is None:
            return self.encoder.encode(None)
        self.captions.observe(frame)
        picture = self._copier.picture(frame)
        picture.pts = frame.pts - shift
        picture.time_base = frame.time_base
        picture.duration = frame.duration
        if self._placer is not None:
            picture.pts, picture.duration = self._placer(frame), 1
            picture.time_base = 1 / self._placer.rate
        # The source's picture types are its encoder's affair, not ours.
        picture.pict_type = PictureType.NONE
        return self.encoder.encode(picture if self._form is None else self._form(picture))

    def close(self) -> None:
        """Release everything; safe to call twice."""
        self.encoder.close()


def _chosen(media: MediaInfo, fmt: FrameFormat, config: EncoderConfig) -> Encoder:
    if config.backend == "pyav":
        return InProcessEncoder(config, fmt, media)
    # ffmpeg-python is only needed by who pipes to a program of his own.
    from vidrestore.video.encode.external import ExternalEncoder  # noqa: PLC0415

    return ExternalEncoder(config, fmt, media)
