"""The pictures of a page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """One moment before and after.

    Attributes:
        time: seconds of the source's clock.
        before: a JPEG.
        after: a JPEG of the same size.
        width: px.
        height: px.
    """

    time: float
    before: bytes
    after: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Excerpts:
    """What is shown of a job.

    Attributes:
        frames: whole frames.
        faces: of tracks by their ids, faces in the order of their times.
    """

    frames: tuple[Pair, ...] = ()
    faces: tuple[tuple[int, tuple[Pair, ...]], ...] = ()
