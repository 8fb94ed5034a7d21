"""Options of the crops: which faces get one, and how calm it lies."""

from __future__ import annotations

from pydantic import Field

from vidrestore.config.section import Section


class AlignConfig(Section):
    """Cutting faces out of the frame."""

    min_face: float = Field(
        24.0,
        ge=0,
        le=1000,
        description="Faces below this height (eyes to chin, px) are left alone; one that shrinks, "
        "from a tenth below it on.",
    )
    hold: float = Field(
        0.012,
        ge=0,
        le=0.05,
        description="How far a face at rest may stray in its crop, in parts of the crop's side.",
    )
