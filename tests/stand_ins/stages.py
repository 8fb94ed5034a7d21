"""Stages as the program builds them, one at a time, with what a test is not about switched off."""

from __future__ import annotations

from vidrestore.align import Align
from vidrestore.config import Config
from vidrestore.paste import Paste
from vidrestore.paste.grain import Regrain
from vidrestore.paste.parsing import ParsedFaces

OPTIONS = Config()


def aligning(
    size: int,
    template: str = "gpen",
    *,
    min_face: float = OPTIONS.align.min_face,
    slack: float = 0.0,
    finest: int = 0,
) -> Align:
    """Crops of one size that follow their faces at once."""
    return Align(size, template, min_face=min_face, slack=slack, finest=finest)


def pasting(
    strength: float = OPTIONS.paste.strength,
    *,
    dilate: float = OPTIONS.paste.dilate,
    feather: float = OPTIONS.paste.feather,
    colour: bool = OPTIONS.paste.colour,
    occlusion: bool = False,
    parsed: ParsedFaces | None = None,
    regrain: Regrain | None = None,
) -> Paste:
    """Faces pasted without a look at what covers them and without grain."""
    return Paste(
        strength,
        dilate,
        feather,
        colour=colour,
        occlusion=occlusion,
        parsed=parsed,
        regrain=regrain,
    )
