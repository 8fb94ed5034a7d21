"""A job that is done in segments: what is left of it, how far it is, and putting it together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial

from vidrestore.build import use_threads, worker_devices
from vidrestore.config import Config
from vidrestore.errors import ConfigError, Interrupted, OutputError
from vidrestore.job.results import encodings_of
from vidrestore.job.segments.crew import Alone, Crew, Step
from vidrestore.job.segments.journal import Journal, packets_of
from vidrestore.job.segments.part import Joined, Part
from vidrestore.job.segments.plan import Plan
from vidrestore.job.segments.running import Done, Work
from vidrestore.job.segments.store import Store
from vidrestore.job.segments.workers import Workers
from vidrestore.job.task import Copy, Task
from vidrestore.pipeline import Timings
from vidrestore.report import Progress, Resumed
from vidrestore.runtime import machine
from vidrestore.video import VideoSink, VideoSource, joined_packets


class Divided:
    """A job of several segments.

    Args:
        task: what is asked for.
        config: all options, thread counts fixed.
        plan: of the job.
        store: where parts are kept.
        alone: whether networks are the caller's own, which no other process has.
        pause: ends the job with the segment that is under way when it is set.
    """

    def __init__(
        self,
        task: Task,
        config: Config,
        plan: Plan,
        store: Store,
        *,
        alone: bool,
        pause: threading.Event | None = None,
    ) -> None:
        self._alone, self._pause = alone, pause or threading.Event()
        self._task, self._config, self._plan, self._store = task, config, plan, store
        self._journal = Journal(store, plan)

    def restore(
        self, work: Work, sinks: Sequence[VideoSink], progress: Callable[[Progress], None] | None
    ) -> Done:
        """Restore what is left to do and put all parts into the sinks, which are not finished.

        Args:
            work: restores segments.
            sinks: of each result, in the plan's order.
            progress: is told how far all segments are.

        Raises:
            Interrupted: the job was to stop; finished parts stay, and the error says so.
            OutputError: parts of another plan are there, or something cannot be written.
        """
        self._journal.open(restart=self._task.restart)
        try:
            resumed = self._restored(work, progress)
            return self._assembled(work.frames, sinks, resumed)
        except BaseException as error:
            self._leave(error)
            raise

    def _restored(self, work: Work, progress: Callable[[Progress], None] | None) -> Resumed:
        """Restore the segments that the journal does not know; return what it knew."""
        journal, segments = self._journal, self._plan.segments
        parts = [journal.part(number) for number in sorted(journal.finished)]
        waiting = [segment for segment in segments if segment.number not in journal.finished]
        tally = _Tally(len(segments), self._frames(work.frames), progress)
        for part in parts:
            tally.keep(part)
        if parts:
            tally.report()
        with closing(self._crew(work, len(waiting))) as crew:
            for written in crew.restore(waiting, tally.step):
                journal.add(written)
                tally.finish(journal.part(written.number))
                if self._pause.is_set() and len(journal.finished) < len(segments):
                    raise Interrupted("stopped between two segments")
        return Resumed(len(parts), sum(part.facts.frames for part in parts))

    def _frames(self, frames: VideoSource) -> int | None:
        """How many there will be."""
        counts = [segment.frames for segment in self._plan.segments]
        if None in counts:
            return frames.frame_estimate
        return round(sum(count or 0 for count in counts) * frames.rate)

    def _crew(self, work: Work, segments: int) -> Crew:
        config, threads = self._config.restore, self._config.restore.threads
        use_threads(threads)
        jobs = 1 if self._alone and not self._task.jobs else self._task.jobs
        devices = worker_devices(config, jobs, machine.cores(), machine.memory())
        if self._alone and len(devices) > 1:
            raise ConfigError(
                "a restorer or detector of the caller's works in this process alone; leave out jobs"
            )
        # This process has loaded its networks: for what is left of a job another need not.
        if len(devices) == 1 or segments <= 1:
            place = self._task.place
            copies = [Copy.from_plain(place.parent, *copy) for copy in self._plan.copies]
            encodings = encodings_of(self._config, work.frames, work.scaler, place, copies)
            return Alone(work, encodings, self._store)
        folder, output = self._store.folder, self._task.place
        return Workers(self._plan, folder, output, devices, stop=work.stop)

    def _assembled(self, frames: VideoSource, sinks: Sequence[VideoSink], resumed: Resumed) -> Done:
        """Put all parts into the results, and their facts into one."""
        joined, timings, warnings = Joined(), Timings(), dict[str, None]()
        count, lost, decoded = 0, [0] * len(sinks), []
        for segment in self._plan.segments:
            part = self._journal.part(segment.number)
            if [each.parameters for each in part.encoded] != [sink.parameters for sink in sinks]:
                raise OutputError(
                    f"segment {segment.number + 1} was encoded with other parameters than the "
                    "result is to have; add restart=True to do it anew"
                )
            joined.add(part)
            count += part.frames
            lost = [
                so_far + each.captions_lost for so_far, each in zip(lost, part.encoded, strict=True)
            ]
            decoded.append(part.decoded)
            warnings.update(dict.fromkeys(part.warnings))
            for stage, seconds in part.timing.items():
                timings.seconds[stage] = timings.seconds.get(stage, 0.0) + seconds
        frames.join(decoded)
        files = [partial(self._store.open, packets_of(s.number)) for s in self._plan.segments]
        for number, sink in enumerate(sinks):
            packets = joined_packets(files, number)
            timings.timed("mux", sink.join, packets, self._plan.first, lost[number])
        return Done(joined.facts, count, timings, tuple(warnings), resumed)

    def _leave(self, error: BaseException) -> None:
        """End without a result: what is finished stays, if anything is."""
        done = len(self._journal.finished)
        if not done:
            try:
                self._store.clear()
            except OutputError as left:  # no reason to hide why the job ended
                error.add_note(str(left))
            return
        error.add_note(
            f"{done} of {len(self._plan.segments)} segments are finished and kept in "
            f"{self._store.folder}; the same command goes on from there"
        )


class _Tally:
    """How far all segments are together; reported from any thread."""

    def __init__(
        self, segments: int, total: int | None, progress: Callable[[Progress], None] | None
    ) -> None:
        self._segments, self._total, self._progress = segments, total, progress
        self._lock = threading.Lock()
        self._begun = time.perf_counter()
        self._done, self._frames, self._faces, self._kept = 0, 0, 0, 0
        self._steps: dict[int, Step] = {}

    def keep(self, part: Part) -> None:
        """Count what an earlier run has done."""
        self._kept += part.facts.frames
        self._add(part)

    def _add(self, part: Part) -> None:
        self._done += 1
        self._frames += part.facts.frames
        self._faces += part.facts.faces

    def step(self, step: Step) -> None:
        """A segment has come so far."""
        with self._lock:
            self._steps[step.number] = step
        self.report()

    def finish(self, part: Part) -> None:
        """A segment is done."""
        with self._lock:
            self._steps.pop(part.number, None)
            self._add(part)
        self.report()

    def report(self) -> None:
        """Say how far all are."""
        if self._progress is None:
            return
        with self._lock:
            steps = self._steps.values()
            now = Progress(
                frames_done=self._frames + sum(step.frames for step in steps),
                frames_total=self._total,
                faces=self._faces + sum(step.faces for step in steps),
                seconds=time.perf_counter() - self._begun,
                frames_taken=self._frames + sum(step.taken for step in steps),
                frames_kept=self._kept,
                segments_done=self._done,
                segments=self._segments,
            )
            # Within the lock, so that no older word follows a newer one.
            self._progress(now)
