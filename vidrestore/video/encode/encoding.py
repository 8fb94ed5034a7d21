"""Choosing an encoder's settings so that it keeps what the source has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache

import av

from vidrestore.config import EncoderConfig
from vidrestore.datatypes import FrameFormat
from vidrestore.errors import ConfigError, InputError
from vidrestore.text.escaping import quoted
from vidrestore.video.encode import codecs
from vidrestore.video.facts.encoders import Encoder, encoder
from vidrestore.video.facts.tags import LOCATIONS, UNSPECIFIED, Colour
from vidrestore.video.pixels import formats, hdr

RGB_MATRIX = 0


@dataclass(frozen=True)
class EncoderPlan:
    """What to open an encoder with.

    Attributes:
        encoder: FFmpeg's name.
        pix_fmt: of the samples handed to it.
        fmt: what those samples mean, in the planar format that holds the same.
        options: its own options.
        colour: tags of the result.
        warnings: what the source has and the encoder cannot keep, one line each.
    """

    encoder: str
    pix_fmt: str
    fmt: FrameFormat
    options: dict[str, str]
    colour: Colour
    warnings: tuple[str, ...] = field(default=())

    @property
    def captions(self) -> bool:
        """Whether the encoder takes the closed captions that lie in the pictures."""
        asked = self.options.get("a53cc") not in {"0", "false"}
        return encoder(self.encoder).captions and asked


def plan(config: EncoderConfig, fmt: FrameFormat, colour: Colour) -> EncoderPlan:
    """Settings for encoding frames of ``fmt`` in process; the codec is no longer "auto".

    Raises:
        ConfigError: if the encoder is not there or does not know an option.
    """
    row = encoder(_encoder_for(config.codec, fmt))
    choice, kept, losses = choose_format(_taken(row, fmt), fmt)
    location = chroma_location(colour, fmt, kept)
    options = _options(config, row, kept, colour) | location
    matrix = colour.matrix
    if fmt.layout == "rgb":
        marked = row.rgb_tagged or colour.matrix != UNSPECIFIED
        matrix = 1 if kept.layout != "rgb" else RGB_MATRIX if marked else UNSPECIFIED
    # RGB and gray are full range without being told, and a source that does not say stays
    # untagged; but H.264 and H.265 take what is untagged for limited range, gray too.
    limited = kept.layout == "yuv" or (kept.layout == "gray" and row.limited)
    span = formats.FULL if fmt.full_range and limited else colour.range
    return EncoderPlan(
        row.name,
        choice,
        kept,
        options,
        Colour(colour.primaries, colour.transfer, matrix, span),
        tuple(f"{config.codec} cannot hold {fmt.pix_fmt}: {loss} (as {choice})" for loss in losses),
    )


def chroma_location(colour: Colour, fmt: FrameFormat, kept: FrameFormat) -> dict[str, str]:
    """The tag of where chroma samples sit, as an option of any encoder; none if they moved."""
    alike = fmt.layout == kept.layout == "yuv" and fmt.chroma_shift == kept.chroma_shift
    if not alike or fmt.chroma_shift == (0, 0) or not colour.chroma_location:
        return {}
    return {"chroma_sample_location": LOCATIONS[colour.chroma_location]}


def _encoder_for(codec: str, fmt: FrameFormat) -> str:
    if codec == "libx264" and fmt.layout == "rgb" and fmt.bits == 8:
        return "libx264rgb"
    return codecs.encoder_name(codec)


@lru_cache(maxsize=16)
def _supported(name: str) -> tuple[str, ...]:
    try:
        found = av.Codec(name, "w").video_formats
    except ValueError as error:
        raise ConfigError(f"this build of PyAV has no encoder {name!r}") from error
    return tuple(entry.name for entry in found or () if _opens(encoder(name), entry))


def _opens(row: Encoder, kind: av.VideoFormat) -> bool:
    """Whether an encoder takes a format as it says: two have transparency in their lists alone."""
    if row.alpha is None or not any(part.is_alpha for part in kind.components):
        return True
    return kind.name in row.alpha


def even_format(name: str, fmt: FrameFormat) -> FrameFormat:
    """The format for an encoder that insists on even sizes; the frame's own for others."""
    row = encoder(name)
    if not row.even or _divides(fmt.pix_fmt, fmt):
        return fmt
    return choose_format(_taken(row, fmt), fmt)[1]


def _divides(name: str, fmt: FrameFormat) -> bool:
    big = av.VideoFormat(name, 64, 64)
    across, down = 64 // big.chroma_width(), 64 // big.chroma_height()
    return fmt.width % across == 0 and fmt.height % down == 0


def _taken(row: Encoder, fmt: FrameFormat) -> tuple[str, ...]:
    """The encoder's formats for a picture of this size."""
    names = _supported(row.name)
    return tuple(n for n in names if _divides(n, fmt)) if row.even else names


def choose_format(
    supported: Sequence[str], fmt: FrameFormat
) -> tuple[str, FrameFormat, tuple[str, ...]]:
    """The encoder's pixel format that keeps most of the source's and adds least.

    Returns:
        Its name, its meaning as a planar format, and what is lost or changed in words.
    """
    if fmt.pix_fmt in supported:
        return fmt.pix_fmt, fmt, ()
    best: tuple[tuple[int, ...], str, FrameFormat] | None = None
    for name in supported:
        try:
            planar = formats.planar_of(name)
        except InputError:
            continue
        if name.startswith("yuvj"):
            continue
        matrix = {"bt709": 1, "bt601": 6, "bt2020": 9, "smpte240m": 7, "fcc": 4}[fmt.matrix]
        span = formats.FULL if fmt.full_range else formats.LIMITED
        kept = formats.describe(planar, fmt.width, fmt.height, matrix, span)
        losses = _losses(fmt, kept)
        # A picture without its transparency is another picture; with coarser chroma it is not.
        lost = (losses[-1], *losses[:-1])
        cost = (*lost, kept.bits, -sum(kept.chroma_shift), kept.alpha, name != planar)
        if best is None or cost < best[0]:
            best = (cost, name, kept)
    if best is None:
        raise ConfigError(f"no pixel format of this encoder can hold {fmt.pix_fmt}")
    return best[1], best[2], _in_words(fmt, best[2])


def _losses(fmt: FrameFormat, kept: FrameFormat) -> tuple[int, ...]:
    """How much of the source is lost, the worst first."""
    same = kept.layout == fmt.layout
    recoloured = 0 if same else 1 if fmt.layout == "gray" else 3 if kept.layout == "gray" else 2
    chroma = 0
    if fmt.layout != "gray" and kept.layout == "yuv":
        wanted = fmt.chroma_shift if fmt.layout == "yuv" else (0, 0)
        chroma = sum(max(0, k - w) for k, w in zip(kept.chroma_shift, wanted, strict=True))
    return recoloured, chroma, max(0, fmt.bits - kept.bits), int(fmt.alpha and not kept.alpha)


def _in_words(fmt: FrameFormat, kept: FrameFormat) -> tuple[str, ...]:
    # The loss of transparency, which depends on the container too, is reported elsewhere.
    recoloured, chroma, bits, _ = _losses(fmt, kept)
    words = []
    if recoloured >= 2:
        words.append(f"{fmt.layout.upper()} is converted to {kept.layout.upper()}")
    elif recoloured:
        words.append("gray is written as colour")
    if chroma:
        words.append("chroma is reduced")
    if bits:
        words.append(f"{fmt.bits} bits are reduced to {kept.bits}")
    elif kept.bits > fmt.bits:
        words.append(f"{fmt.bits} bits are written as {kept.bits}")
    finer = sum(kept.chroma_shift) < sum(fmt.chroma_shift)
    if finer and fmt.layout == "yuv" and not chroma:
        words.append("chroma is interpolated to a finer grid")
    return tuple(words)


def _options(
    config: EncoderConfig, row: Encoder, kept: FrameFormat, colour: Colour
) -> dict[str, str]:
    options = codecs.rate_options(config, row.name) | codecs.profile_options(row.name, kept)
    options |= codecs.repeatable_options(row.name)
    options |= row.options
    extra = dict(config.options)
    if extra:
        _check_options(row.name, extra)
    for part in (hdr.parameters(row, colour), extra):
        for name, value in part.items():
            joined = name.endswith("-params") and name in options
            options[name] = f"{options[name]}:{value}" if joined else value
    return options


def check_interlaced(name: str) -> None:
    """Refuse an encoder that would mix the fields of interlaced frames.

    Raises:
        ConfigError: if the encoder knows progressive frames only.
    """
    if not encoder(name).interlaced:
        raise ConfigError(
            f"{name} cannot write interlaced video; choose encoder.codec libx264, prores or "
            "ffv1, or let interlaced.mode auto deinterlace it"
        )


def _check_options(name: str, extra: dict[str, str]) -> None:
    known = av.CodecContext.create(name, "w").supported_options
    names = {option.name for option in (*known.generic, *known.private)}
    for option in extra:
        if option not in names:
            near = get_close_matches(option, sorted(names), 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ConfigError(f"encoder.options: {name} has no option {quoted(option)}{hint}")
