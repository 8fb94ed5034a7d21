"""What a job would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vidrestore.report.plain import Jsonable


@dataclass(frozen=True, slots=True)
class CopyEstimate:
    """What a copy of the result would take.

    Attributes:
        output: as it would be named.
        output_bytes: its size.
        free_bytes: free on its file system, less what the results before it take there.
    """

    output: str
    output_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Estimate(Jsonable):
    """What a job would take; nothing was written.

    Attributes:
        input: the source as it was named.
        output: the result as it would be named.
        frames: frames of the range.
        duration: seconds of the range.
        seconds: wall-clock seconds of work.
        output_bytes: size of the result.
        free_bytes: free on the result's file system.
        model: name of the weights.
        device: where the network would run.
        basis: in a few words, what the figures rest on.
        warnings: what the user should know, one line each.
        copies: further results of the same frames.
    """

    input: str
    output: str
    frames: int
    duration: float
    seconds: float
    output_bytes: int
    free_bytes: int
    model: str
    device: str
    basis: str
    warnings: tuple[str, ...] = ()
    copies: tuple[CopyEstimate, ...] = ()

    DERIVED: ClassVar[tuple[str, ...]] = ("fits",)

    @property
    def fits(self) -> bool:
        """Whether the result and its copies fit on their disks."""
        taken = [(each.output_bytes, each.free_bytes) for each in self.copies]
        return all(size <= free for size, free in ((self.output_bytes, self.free_bytes), *taken))
