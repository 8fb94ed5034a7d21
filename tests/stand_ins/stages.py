"""Stages as the program builds them, one at a time, with what a test is not about switched off."""

from __future__ import annotations

from vidrestore.align import Align
from vidrestore.config import Config
from vidrestore.paste import Paste
from vidrestore.paste.grain import Regrain
from vidrestore.paste.parsing import ParsedFaces
from vidrestore.track.cuts import CutDetector
from vidrestore.track.smoothing import Smoother
from vidrestore.track.tracker import MAX_DELAY, Tracker

OPTIONS = Config()


def cutting(threshold: float = OPTIONS.track.cut_threshold) -> CutDetector:
    """As sensitive as the program's."""
    return CutDetector(threshold)


def tracking(
    *,
    birth_score: float = OPTIONS.track.birth_score,
    continue_score: float = OPTIONS.track.continue_score,
    confirm: int = OPTIONS.track.confirm,
    max_gap: int = OPTIONS.track.max_gap,
    max_delay: int = MAX_DELAY,
) -> Tracker:
    """Tracks born, kept and ended as the program does."""
    return Tracker(
        birth_score=birth_score,
        continue_score=continue_score,
        confirm=confirm,
        max_gap=max_gap,
        max_delay=max_delay,
    )


def smoothing(
    lookahead: int = OPTIONS.track.lookahead, strength: float = OPTIONS.track.smoothing
) -> Smoother:
    """Landmarks as calm as the program's."""
    return Smoother(lookahead, strength)


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
    chroma_alone: bool = False,
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
        chroma_alone=chroma_alone,
    )
