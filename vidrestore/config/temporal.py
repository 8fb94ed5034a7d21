"""Options of what is done over time: old film's faults, and averages."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from vidrestore.config.section import Section


class FilmConfig(Section):
    """What old film has: flicker of light, no colour, dust."""

    deflicker: Literal["faces", "frame", "off"] = Field(
        "faces",
        description="Where flicker of light, measured on the whole picture, is taken out: of the "
        "faces; of the whole frame, which then changes outside the faces too; or nowhere.",
    )
    colourless: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Write light alone, no colour: auto does so in shots found black and white.",
    )
    repair: Literal["auto", "faces", "frame", "off"] = Field(
        "auto",
        description="What damage is taken out before faces are restored: vertical scratches that "
        "stay and cross a face; in faces also dust and other specks of single frames, from the "
        "frames beside; in the whole frame all of these, which then changes outside the faces too; "
        "or nothing. In photos all but off take straight cracks and folds out of faces. What no "
        "other frame shows is painted by restore.inpainting.",
    )


class TemporalConfig(Section):
    """Averaging faces over time, before and after they are restored: nothing flickers."""

    denoise: float = Field(
        1.0,
        ge=0,
        le=1,
        description="What a frame that shows the very same counts in the source's average, 1 being "
        "as much as the frame itself; 0 is off.",
    )
    blend: float = Field(
        1.0,
        ge=0,
        le=1,
        description="What the result of a frame that shows the very same counts beside the "
        "frame's own; 0 is off.",
    )
    reach: int = Field(
        4, ge=1, le=16, description="Frames before and after each one that are averaged with it."
    )
    rest: int = Field(
        16,
        ge=1,
        le=64,
        description="Frames before and after up to which some are averaged too while a face rests; "
        "they are held back.",
    )
    tolerance: float = Field(
        2.0,
        gt=0,
        le=64,
        description="Change of the source beyond its noise, 8-bit levels, from which on a frame "
        "counts for little.",
    )

    @model_validator(mode="after")
    def _rest_reaches_on(self) -> Self:
        if self.rest < self.reach:
            raise ValueError(
                f"temporal.rest ({self.rest}) is below temporal.reach ({self.reach}); "
                "resting faces look at least as far"
            )
        return self
