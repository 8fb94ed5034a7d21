"""A dry run: what a job would take, from restoring its first seconds."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from vidrestore.build import build_scaler, build_source
from vidrestore.config import Config
from vidrestore.job.networks import Networks
from vidrestore.job.restoring import restore
from vidrestore.job.results import Results
from vidrestore.job.task import Task
from vidrestore.report import CopyEstimate, Estimate, Report
from vidrestore.video import VideoSource

# A dry run restores as much of the video, and takes no longer than this or a third of the job.
_MOST_SECONDS = Fraction(2)
_MOST_WORK = 7.0
_SHARE = 1 / 3
# First it tries so little, to learn how much it can afford.
_TRIAL_SECONDS, _TRIAL_FRAMES = Fraction(2, 5), 8


def estimate(
    task: Task, config: Config, networks: Networks, *, stop: threading.Event | None = None
) -> Estimate:
    """Try the beginning of a task; arguments and errors are those of ``Session.estimate``."""
    with closing(build_source(config, task.source, task.start, task.end, stop)) as frames:
        total, duration = frames.frame_estimate, frames.duration
        warnings = (*config.warnings, *frames.warnings)
        # What a job would be refused for is refused here too; nothing is written.
        scaler = build_scaler(config, frames)
        Results(task, config, frames, scaler).abort()
        trial = _Trial(task, config, networks, frames, stop)
        done, sizes = trial.best()
    frames_total = max(total or 0, done.frames)
    share = frames_total / max(done.frames, 1)
    loading = trial.loading
    places = [task.place, *(copy.output for copy in task.copies)]
    taken = [round(size * share) for size in sizes]
    free = _free(places, taken)
    return Estimate(
        input=task.source_name,
        output=task.output_name,
        frames=frames_total,
        duration=done.duration if duration is None else float(duration),
        seconds=loading + _work(done) * share,
        output_bytes=taken[0],
        free_bytes=free[0],
        model=done.model.name,
        device=done.device,
        basis=f"the first {done.frames} frames, restored in {_work(done):.1f} s",
        warnings=tuple(warnings),
        copies=tuple(
            CopyEstimate(str(copy.output), *room)
            for copy, *room in zip(task.copies, taken[1:], free[1:], strict=True)
        ),
    )


class _Trial:
    """Restores the first pictures of a task into a temporary folder.

    Attributes:
        loading: seconds that were spent once, on loading networks.
    """

    def __init__(
        self,
        task: Task,
        config: Config,
        networks: Networks,
        frames: VideoSource,
        stop: threading.Event | None,
    ) -> None:
        self._task, self._networks, self._stop = task, networks, stop
        self._config = config.with_options({"job.segment": 0})
        self._path, self._rate = frames.path, frames.delivered.picture.rate or Fraction(25)
        self._total = frames.frame_estimate
        # Sound may begin long before the first picture.
        self._begin = frames.first - frames.info.start
        self.loading = 0.0

    def best(self) -> tuple[Report, list[int]]:
        """The longest piece that can be afforded: its report, and the bytes of each result."""
        trial = max(_TRIAL_SECONDS, _TRIAL_FRAMES / self._rate)
        done, sizes = self._piece(trial)
        self.loading = done.timing["load"]
        each = _work(done) / max(done.frames, 1)
        whole = each * (self._total or 0)
        left = min(_MOST_WORK, whole * _SHARE or _MOST_WORK) - _work(done)
        longer = min(_MOST_SECONDS, Fraction(left / each) / self._rate) if each else _MOST_SECONDS
        if longer > trial * 3 / 2 and done.frames >= trial * self._rate / 2:
            done, sizes = self._piece(longer)
        return done, sizes

    def _piece(self, length: Fraction) -> tuple[Report, list[int]]:
        end = self._begin + length
        if self._task.end is not None:
            end = min(end, self._task.end)
        name = self._task.place.name
        with tempfile.TemporaryDirectory(prefix="vidrestore-") as folder:
            # Numbered pictures are named by a pattern, which stays one.
            output = Path(folder) / (name if "%" in name else f"piece{Path(name).suffix}")
            # Read where it lies now: a pipe gives what it holds only once.
            copies = tuple(
                replace(copy, output=Path(folder) / f"copy{number}{copy.output.suffix}")
                for number, copy in enumerate(self._task.copies)
            )
            piece = replace(self._task, source=self._path, output=output, end=end, copies=copies)
            done = restore(piece, self._config, self._networks, stop=self._stop)
            taken = [copy.output.stat().st_size for copy in copies]
            whole = sum(entry.stat().st_size for entry in Path(folder).iterdir())
            return done, [whole - sum(taken), *taken]


def _work(done: Report) -> float:
    """Seconds of a job but for loading."""
    return done.seconds - done.timing["load"]


def _free(places: Sequence[Path], taken: Sequence[int]) -> list[int]:
    """Bytes that are free for each result, those before it in their places already."""
    found = []
    before: dict[int, int] = {}
    for place, size in zip(places, taken, strict=True):
        folder = _existing(place.resolve().parent)
        disk = folder.stat().st_dev
        found.append(shutil.disk_usage(folder).free - before.get(disk, 0))
        before[disk] = before.get(disk, 0) + size
    return found


def _existing(folder: Path) -> Path:
    """The folder, or the one that it will be made in."""
    return folder if folder.exists() else folder.parent
