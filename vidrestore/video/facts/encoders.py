"""What is known of FFmpeg's encoders: a row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class HdrOption:
    """How an encoder takes the mastering display (SMPTE ST 2086) and light levels (CTA-861.3).

    Attributes:
        option: its option of parameters joined by colons.
        mastering: the parameter of the display.
        light: the parameter of light levels.
        numbers: whether chromaticities and luminances are numbers, not counts of units.
    """

    option: str
    mastering: str
    light: str
    numbers: bool = False


@dataclass(frozen=True, slots=True)
class Encoder:
    """An encoder, by FFmpeg's name.

    Attributes:
        name: FFmpeg's.
        captions: whether it writes the closed captions that lie in pictures.
        even: whether it refuses a size that its chroma does not cover evenly.
        limited: whether decoders take what it writes untagged for limited range, gray too.
        rgb_tagged: whether RGB is known as such only by the tag of its matrix.
        interlaced: whether it keeps the fields of interlaced frames apart.
        alpha: formats with transparency that it takes indeed; None for all that it lists.
        in_avi: whether AVI's readers know what it writes; it can do without reordered pictures.
        hdr: how it takes static HDR metadata; None if it cannot be.
        options: that it is always given.
    """

    name: str
    captions: bool = False
    even: bool = False
    limited: bool = False
    rgb_tagged: bool = False
    interlaced: bool = True
    alpha: frozenset[str] | None = None
    in_avi: bool = False
    hdr: HdrOption | None = None
    options: Mapping[str, str] = field(default_factory=dict)


_X264 = HdrOption("x264-params", "mastering-display", "cll")
_X265 = HdrOption("x265-params", "master-display", "max-cll")
_SVT = HdrOption("svtav1-params", "mastering-display", "content-light", numbers=True)

ENCODERS: Final[Mapping[str, Encoder]] = {
    row.name: row
    for row in (
        Encoder("libx264", captions=True, even=True, limited=True, in_avi=True, hdr=_X264),
        Encoder("libx264rgb", captions=True, rgb_tagged=True, in_avi=True),
        Encoder(
            "libx265",
            captions=True,
            even=True,
            limited=True,
            rgb_tagged=True,
            interlaced=False,
            alpha=frozenset(),
            hdr=_X265,
            options={"x265-params": "log-level=error", "a53cc": "1"},
        ),
        Encoder("libsvtav1", interlaced=False, hdr=_SVT),
        Encoder("libaom-av1", interlaced=False),
        Encoder("libvpx-vp9", interlaced=False, alpha=frozenset({"yuva420p"})),
        Encoder("libvpx", interlaced=False),
        # Version 3 with a checksum per slice, every frame on its own: what archives ask for.
        Encoder("ffv1", in_avi=True, options={"level": "3", "slicecrc": "1", "g": "1"}),
        Encoder("prores_ks", options={"vendor": "apl0"}),
    )
}
"""Those of which more is known than FFmpeg gives."""


def encoder(name: str) -> Encoder:
    """What is known of an encoder, by FFmpeg's name; of most, nothing beyond what FFmpeg gives."""
    return ENCODERS.get(name, Encoder(name))
