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
        share: of a face, how much of the network's result was written, 0..1; None for a frame.
        detail: of a face, the amplitude of its detail before and after, levels; None for a frame.
    """

    time: float
    before: bytes
    after: bytes
    width: int
    height: int
    share: float | None = None
    detail: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Excerpts:
    """What is shown of a job.

    Attributes:
        frames: whole frames.
        faces: of tracks by their ids, faces in the order of their times.
    """

    frames: tuple[Pair, ...] = ()
    faces: tuple[tuple[int, tuple[Pair, ...]], ...] = ()
