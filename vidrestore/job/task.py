"""What one job is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Task:
    """A video to restore.

    Attributes:
        source: the video, as it was named.
        output: the result's name, or the pattern of numbered pictures.
        start: seconds of the source's clock to begin at; None is its beginning.
        end: seconds before which the last frame begins; None is its end.
        overwrite: whether an existing result is replaced.
        jobs: processes that share the segments; 1 is this one alone, 0 as many as pay.
        restart: whether what an earlier run left of the same job is thrown away.
        keep_parts: whether finished parts are left where they are once they are put together.
    """

    source: str | Path
    output: str | Path
    start: Fraction | None = None
    end: Fraction | None = None
    overwrite: bool = False
    jobs: int = 1
    restart: bool = False
    keep_parts: bool = False
