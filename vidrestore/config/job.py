"""Options of the work itself: how it is divided, and what it may take."""

from __future__ import annotations

from pydantic import Field

from vidrestore.config.section import Section


class JobConfig(Section):
    """How the work on a video is divided."""

    segment: float = Field(
        20.0,
        ge=0,
        le=3600,
        description="Seconds of video that are restored by themselves, so that a job can go on "
        "where it was stopped and be shared by several processes; 0 leaves it in one piece.",
    )


class PipelineConfig(Section):
    """Threads and memory."""

    queue: int = Field(
        8, ge=1, le=256, description="Frames that may wait between two threads; bounds memory."
    )
