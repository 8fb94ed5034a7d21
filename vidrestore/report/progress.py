"""How far a job is, while it runs."""

from __future__ import annotations

from dataclasses import dataclass


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

    @property
    def frames_per_second(self) -> float:
        """Average speed since the start; 0 before anything was measured."""
        return self._own / self.seconds if self.seconds > 0 else 0.0

    @property
    def _own(self) -> int:
        """Frames that this run has finished."""
        return self.frames_done - self.frames_kept

    @property
    def seconds_left(self) -> float | None:
        """Time left at the speed at which frames are taken; None while unknown."""
        if self.frames_total is None or self.frames_per_second == 0:
            return None
        each = self.seconds / max(self._own, self.frames_taken - self.frames_kept)
        return max(0, self.frames_total - self.frames_done) * each
