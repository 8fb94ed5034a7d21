"""HDR's metadata: read from a frame, passed to an encoder in its own words where that is possible.

SMPTE ST 2086 (the mastering display) and CTA-861.3 (content light level). FFmpeg's encoders take
neither from frames through PyAV, so both go in as the encoders' parameters. What changes from
picture to picture (HDR10+, Dolby Vision, HDR Vivid) no encoder here takes: it is reported as lost.
"""

from __future__ import annotations

import struct

import av

from vidrestore.errors import OutputError
from vidrestore.video.facts.encoders import Encoder, encoder
from vidrestore.video.facts.tags import Colour, Light, Mastering
from vidrestore.video.pixels.sidedata import SideDataReader

_VISION = "Dolby Vision"
_DYNAMIC = {
    "DYNAMIC_HDR_PLUS": "HDR10+",
    "DYNAMIC_HDR_VIVID": "HDR Vivid",
    "DOVI_METADATA": _VISION,
    "DOVI_RPU_BUFFER": _VISION,
}
_CHROMATICITY, _LUMINANCE = 50_000, 10_000  # units per 1 and per cd/m2


def mastering_of(frame: av.VideoFrame, attached: SideDataReader) -> Mastering | None:
    """The display that the picture was made on; None if the frame does not say all of it."""
    data = attached.read(frame, "MASTERING_DISPLAY_METADATA")
    if data is None:
        return None
    # AVMasteringDisplayMetadata: ten rationals (R, G, B, white; least, greatest), two flags.
    *numbers, primaries, luminance = struct.unpack("=22i", data[:88])
    if not primaries or not luminance or not all(numbers[1::2]):
        return None
    ratios = [over / under for over, under in zip(numbers[::2], numbers[1::2], strict=True)]
    points = [round(value * _CHROMATICITY) for value in ratios[:8]]
    least, greatest = (round(value * _LUMINANCE) for value in ratios[8:])
    red, green, blue, white = zip(points[::2], points[1::2], strict=True)
    return Mastering(red, green, blue, white, greatest, least)


def light_of(frame: av.VideoFrame, attached: SideDataReader) -> Light | None:
    """(MaxCLL, MaxFALL) in cd/m2; None if the frame does not say."""
    data = attached.read(frame, "CONTENT_LIGHT_LEVEL")
    if data is None:
        return None
    brightest, average = struct.unpack("=2I", data[:8])
    return brightest, average


def dynamic_of(
    frame: av.VideoFrame, attached: SideDataReader, dolby_vision: tuple[int, int] | None
) -> tuple[str, ...]:
    """Names of the metadata that changes from picture to picture.

    Args:
        frame: the first.
        attached: reads from it.
        dolby_vision: as ``header.Header`` has it.
    """
    found = (name for kind, name in _DYNAMIC.items() if attached.read(frame, kind) is not None)
    names = list(dict.fromkeys(found))
    if dolby_vision is not None:
        names = [*(n for n in names if n != _VISION), f"{_VISION} profile {dolby_vision[0]}"]
    return tuple(names)


def check_base(colour: Colour) -> None:
    """Refuse pictures whose colours are wrong without metadata that will be lost.

    Raises:
        OutputError: if they are Dolby Vision's own (profile 5, and 10 without a base).
    """
    if colour.dynamic_only:
        raise OutputError(
            f"the colours of {', '.join(colour.dynamic)} are wrong without its metadata, which no "
            "encoder here can write; convert the video to HDR10 or HLG first"
        )


def lost(codec: str, colour: Colour, *, strict: bool) -> tuple[str, ...]:
    """What to say of metadata that an encoder does not take, one line each.

    Args:
        codec: as the options name it.
        colour: of the source.
        strict: whether the job is refused rather than losing it.

    Raises:
        OutputError: if it is refused.
    """
    lines = []
    static = colour.mastering is not None or colour.light is not None
    if static and encoder(codec).hdr is None:
        lines.append(f"{codec} cannot hold the HDR mastering display and light levels")
    if colour.dynamic:
        lines.append(f"the metadata of {', '.join(colour.dynamic)} is lost: no encoder takes it")
    if colour.profile and codec != "png":
        lines.append("the ICC profile is lost: only numbered PNG files keep it")
    if lines and strict:
        raise OutputError(f"{lines[0]}; run without output.strict to leave it out")
    return tuple(lines)


def parameters(row: Encoder, colour: Colour) -> dict[str, str]:
    """What to add to an encoder's options; empty if there is nothing to tell or no way to."""
    if row.hdr is None:
        return {}
    values = []
    if colour.mastering is not None:
        display = _display(colour.mastering, plain=row.hdr.numbers)
        values.append(f"{row.hdr.mastering}={display}")
    if colour.light is not None:
        values.append(f"{row.hdr.light}={colour.light[0]},{colour.light[1]}")
    return {row.hdr.option: ":".join(values)} if values else {}


def _display(mastering: Mastering, *, plain: bool) -> str:
    """As x265 writes it, in units; or ``plain``, as SVT-AV1 does, in numbers."""
    unit, light = (_CHROMATICITY, _LUMINANCE) if plain else (1, 1)

    def pair(first: int, second: int, per: int) -> str:
        return f"({first / per:.10g},{second / per:.10g})"

    points = {"G": mastering.green, "B": mastering.blue, "R": mastering.red, "WP": mastering.white}
    words = [f"{name}{pair(*point, unit)}" for name, point in points.items()]
    return "".join(words) + f"L{pair(mastering.greatest, mastering.least, light)}"
