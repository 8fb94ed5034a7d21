"""What is written of a source's pictures, settled before any work."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from vidrestore.config import EncoderConfig, OutputConfig
from vidrestore.datatypes import FrameFormat
from vidrestore.errors import OutputError
from vidrestore.video.copy import avi
from vidrestore.video.copy.regular import examine
from vidrestore.video.copy.selection import asked_of
from vidrestore.video.encode import codecs
from vidrestore.video.encode.compatible import Compatible, is_for_players
from vidrestore.video.encode.encoder import cannot_hold
from vidrestore.video.encode.playing import unplayable
from vidrestore.video.facts.encoders import encoder
from vidrestore.video.facts.media import MediaInfo
from vidrestore.video.mux.finishing import lost_marks
from vidrestore.video.packets import FrameEncoder
from vidrestore.video.pixels import formats, hdr, transparency


class Target:
    """How the frames of a source become packets for one kind of container.

    Args:
        media: the source.
        fmt: of every frame that will come.
        config: how to encode.
        output: what becomes of the other streams.
        path: the result's name.
        container: FFmpeg's name of its format.
        start: as the source was cut, seconds from its beginning.
        end: likewise.

    Attributes:
        media: the source in the form that is written.
        container: as given.
        config: how to encode, nothing left open.
        unfit: streams that the container cannot hold although it knows their codecs, and why.
        absent: what else it cannot hold, a line each.
        rate: pictures per second where the container counts them instead of telling times.

    Raises:
        OutputError: if the container cannot hold what it must.
        ConfigError: if the encoder does not know its options.
    """

    def __init__(
        self,
        media: MediaInfo,
        fmt: FrameFormat,
        config: EncoderConfig,
        output: OutputConfig,
        *,
        path: Path,
        container: str,
        start: Fraction | None,
        end: Fraction | None,
    ) -> None:
        self._given, self._options, self._path = fmt, output, path
        self._playable = output.compatible and is_for_players(config.codec)
        self._original = media
        form = self._form()
        self.media, self._format = (media, fmt) if form is None else (form.media, form.format)
        self._changes = [] if form is None else list(form.warnings)
        self.container = container
        self.config = codecs.resolved(config, container, self._format)
        self._name_matrix()
        self.unfit: dict[int, str] = {}
        self.absent: list[str] = []
        self.rate: Fraction | None = None
        if container == avi.FORMAT:
            self._prepare_avi(start, end)

    def _form(self) -> Compatible | None:
        return Compatible(self._original, self._given) if self._playable else None

    def _name_matrix(self) -> None:
        """Tell what the colours mean where players would go by a size that is not the source's.

        Raises:
            OutputError: if that cannot be told, and nothing may be lost.
        """
        fmt, stream, picture = self._format, self.media.stream, self.media.picture
        mistaken = formats.mistaken_for(fmt, picture.colour)
        if mistaken is None:
            return
        colour = replace(picture.colour, matrix=formats.number_of(fmt.matrix))
        picture = replace(picture, colour=colour)
        self.media = self.media.restored_as(replace(stream, picture=picture))
        size, untold = (
            f"{fmt.width}x{fmt.height}",
            f"the source does not say that it is {fmt.matrix}",
        )
        if self._tells_matrix():
            line = f"{untold}: the result does, for players would take {size} for {mistaken}"
        else:
            codec = f"{self.config.codec} in {self.container}"
            line = f"{untold}, and {codec} cannot: players will take {size} for {mistaken}"
            if self._options.strict:
                raise OutputError(
                    f"{line}; use encoder.codec libx264, another size, or run without output.strict"
                )
        self._changes.append(line)

    def _tells_matrix(self) -> bool:
        """Whether the codec or the container has a place for the tag of the matrix alone."""
        codec = self.config.codec
        if codec == "dnxhd":
            # It has one for all tags together; without them it stands for BT.709.
            return self._format.matrix == "bt709"
        return self.container != avi.FORMAT or "264" in codec

    def _prepare_avi(self, start: Fraction | None, end: Fraction | None) -> None:
        """See what AVI can hold of the source, and count pictures instead of telling times."""
        if self.config.backend == "pyav" and not encoder(self.config.codec).in_avi:
            raise cannot_hold(avi.FORMAT, self.config.codec)
        kept = [
            info
            for info in self.media.streams
            if info.index != self.media.restored and asked_of(info, self._options) != "drop"
        ]
        self.absent = avi.lost(self.media, kept, strict=self._options.strict)
        found = examine(self.media, start, end)
        self.unfit, self.rate = found.unfit, found.rate
        self.media = avi.delivered(self.media, found.rate)

    def encoder(self) -> FrameEncoder:
        """What encodes all frames, or those of a segment."""
        placer = None if self.rate is None else avi.Placer(self.rate, self._path)
        return FrameEncoder(
            self.media,
            self._format,
            self.config,
            self._options,
            form=self._form(),
            placer=placer,
        )

    def losses(self, frames: FrameEncoder) -> list[str]:
        """What neither codec nor container can hold of the picture, a line each."""
        picture, codec, strict = self.media.picture, self.config.codec, self._options.strict
        container, encoder = self.container, frames.encoder
        return [
            *hdr.lost(codec, picture.colour, strict=strict),
            *lost_marks(picture, container, strict=strict),
            *self._changes,
            *transparency.lost(self._given, codec, container, kept=encoder.alpha, strict=strict),
            *unplayable(container, codec, encoder.written, asked=self._options.compatible),
            *self.absent,
        ]
