"""Options of a run over many files: they say how the work goes, not what it makes of a video."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vidrestore.config.section import Section


class BatchConfig(Section):
    """How many files are worked through.

    Not a section of ``Config``: no preset has a say here, and no result depends on it.
    """

    jobs: int = Field(
        0,
        ge=0,
        le=256,
        description="Processes at work, a file each; 0 is as many as pay: one for every two "
        "cores, or one for each GPU.",
    )
    nice: int = Field(
        0, ge=0, le=19, description="How far other programs go before this one, as nice has it."
    )
    order: Literal["name", "size", "shortest"] = Field(
        "name",
        description="Which file comes first: by name, the smallest, or the one of the fewest "
        "seconds.",
    )
    container: Literal["auto", "mkv", "mp4", "mov", "webm", "avi"] = Field(
        "auto",
        description="Files that results go into; auto keeps the source's where it can be written "
        "and holds what the encoder makes, and takes mkv elsewhere.",
    )
    tries: int = Field(
        4, ge=1, le=100, description="How often a file is tried whose trouble may pass."
    )
    pause: float = Field(
        30.0,
        ge=0,
        le=86400,
        description="Seconds before the second try; each later one waits twice as long.",
    )
    patience: float = Field(
        900.0,
        ge=1,
        le=86400,
        description="Seconds without a finished frame after which a process is taken to hang, and "
        "ended.",
    )
    renew: int = Field(
        50, ge=1, le=100_000, description="Files after which a process is replaced by a new one."
    )
    memory: float = Field(
        0.0,
        ge=0,
        description="Gigabytes of memory that a process may hold; 0 is nine tenths of all.",
    )
    processor: float = Field(
        0.0, ge=0, description="Hours of the processor that a file may take; 0 sets no limit."
    )
    written: float = Field(
        0.0, ge=0, description="Gigabytes that a file may have which is written; 0 sets no limit."
    )
    free: float = Field(
        1.0,
        ge=0,
        description="Gigabytes that are left free on the disk: with less no file is begun, and "
        "with half of that the ones under way rest after their segment.",
    )
    rest: float = Field(
        30.0,
        ge=0,
        le=86400,
        description="Seconds for which a file must not have changed before --watch takes it.",
    )
