"""How far a job is, while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Phase: TypeAlias = Literal["opening", "loading", "working", "writing"]
"""What a job is at: opening its source, loading networks, working on frames, putting the result
together."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running job is.

    Attributes:
        frames_done: frames handed to the encoder.
        frames_total: how many there will be, as estimated; None if the container does not say.
        faces: faces written so far.
        seconds: wall-clock seconds since the models were loaded and frames began to flow.
        frames_taken: frames read from the source so far, as far as that is known. Stages hold some
            back to see what comes, and at the start all of them.
        frames_kept: those of ``frames_done`` that an earlier run has restored.
        segments_done: segments that are finished, kept ones too.
        segments: of the job; 0 where it is not divided.
        faceless: whether the job has nothing to do with faces.
        phase: what the job is at; frames are counted while it is working.
    """

    frames_done: int
    frames_total: int | None
    faces: int
    seconds: float
    frames_taken: int = 0
    frames_kept: int = 0
    segments_done: int = 0
    segments: int = 0
    faceless: bool = False
    phase: Phase = "working"

    @property
    def frames_per_second(self) -> float:
        """Average speed since the start at which frames are taken; 0 before any was measured.

        Stages hold frames back, so that those that are finished tell too little at the start.
        """
        taken = max(self._own, self.frames_taken - self.frames_kept)
        return taken / self.seconds if self.seconds > 0 else 0.0

    @property
    def _own(self) -> int:
        """Frames that this run has finished."""
        return self.frames_done - self.frames_kept

    @property
    def seconds_left(self) -> float | None:
        """Time left at that speed; None while unknown."""
        if self.frames_total is None or self.frames_per_second == 0:
            return None
        return max(0, self.frames_total - self.frames_done) / self.frames_per_second
