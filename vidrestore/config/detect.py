"""Options of finding faces and of following them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vidrestore.config.origin import Reaches
from vidrestore.config.section import Section


class DetectConfig(Section):
    """Finding faces."""

    detector: Literal["centerface", "retinaface-resnet50", "retinaface-mobile0.25"] = Field(
        "centerface",
        description="Face detector; the RetinaFace ones need their weights (detect.weights).",
    )
    weights: Annotated[str | None, Reaches("weights")] = Field(
        None, description="Weight file of a RetinaFace detector; unused by centerface."
    )
    max_side: int = Field(
        640, ge=160, le=4096, description="Longest side, in pixels, of the picture searched."
    )
    every: int = Field(
        3, ge=1, le=30, description="Detect on every n-th frame; landmarks are carried between."
    )


class TrackConfig(Section):
    """Following faces through time."""

    birth_score: float = Field(
        0.5, ge=0, le=1, description="Detector score that can start a new track."
    )
    continue_score: float = Field(
        0.3, ge=0, le=1, description="Lower score that is enough to continue a track."
    )
    confirm: int = Field(
        2,
        ge=1,
        le=10,
        description="Detections that confirm a track; it counts from the first.",
    )
    max_gap: int = Field(
        15, ge=0, le=300, description="Frames without a sight after which a track ends."
    )
    lookback: int = Field(
        24,
        ge=0,
        le=250,
        description="Frames held back, over which a face is followed back to where it came into "
        "view; 0 leaves out what precedes its first detection.",
    )
    lookahead: int = Field(
        8, ge=0, le=60, description="Future frames that smoothing may use; 0 filters causally."
    )
    smoothing: float = Field(
        1.0,
        ge=0,
        le=10,
        description=(
            "Strength of landmark smoothing: scales measurement noise; 0 leaves landmarks as the "
            "detector has them."
        ),
    )
    cut_threshold: float = Field(
        1.0, gt=0, le=10, description="Cut sensitivity: lower finds more cuts, higher fewer."
    )

    @model_validator(mode="after")
    def _scores_in_order(self) -> Self:
        if self.continue_score > self.birth_score:
            raise ValueError(
                f"track.continue_score ({self.continue_score:g}) is above track.birth_score "
                f"({self.birth_score:g}); what starts a track must also be able to continue it"
            )
        return self
