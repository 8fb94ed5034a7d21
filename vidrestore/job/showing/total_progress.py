"""The progress of several jobs as that of one."""

from __future__ import annotations

from collections.abc import Callable

from vidrestore.report import Progress


class TotalProgress:
    """Adds up the progress of jobs that are done one after the other.

    Args:
        show: gets the progress of all of them together; None for nobody.
        jobs: how many there will be, each about as long as the first.
    """

    def __init__(self, show: Callable[[Progress], None] | None, jobs: int) -> None:
        self._show, self._jobs = show, jobs
        self._ended = Progress(0, None, 0, 0.0)
        self._now = Progress(0, None, 0, 0.0)

    def begin(self) -> None:
        """Another job begins; what the last one did is added to what was done."""
        self._ended, self._now = self._sum(self._now), Progress(0, None, 0, 0.0)

    def __call__(self, progress: Progress) -> None:
        """A job's own progress; called from its threads."""
        self._now = progress
        if self._show is not None:
            self._show(self._sum(progress))

    def _sum(self, progress: Progress) -> Progress:
        ended, each = self._ended, progress.frames_total
        return Progress(
            ended.frames_done + progress.frames_done,
            None if each is None else each * self._jobs,
            ended.faces + progress.faces,
            ended.seconds + progress.seconds,
            ended.frames_done + progress.frames_taken,
            phase=progress.phase,
        )
