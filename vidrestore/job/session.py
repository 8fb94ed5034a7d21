"""What programs hold on to: the networks, and every job that is done with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from vidrestore.config import Config
from vidrestore.engines import check_detector, given_engine
from vidrestore.errors import ConfigError
from vidrestore.job.estimating import estimate
from vidrestore.job.images import Given, RestoredImage, restore_images
from vidrestore.job.inspecting import inspect
from vidrestore.job.networks import Networks
from vidrestore.job.photos import estimate_photo, is_photo, plan_of_photo, restore_photo
from vidrestore.job.restoring import plan_of, restore
from vidrestore.job.segments.plan import Plan
from vidrestore.job.showing.panels import Layout
from vidrestore.job.showing.previewing import Asked, preview
from vidrestore.job.task import Output, Settings, Source, Task, check_file, copies_of
from vidrestore.report import Estimate, Inspection, Preview, Progress, Report
from vidrestore.runtime.memory import lack_told
from vidrestore.stages import Detector, Restorer
from vidrestore.text.wording import Time, as_seconds, check_jobs


class Session:
    """Loads the model and the detector once, when first needed, for any number of jobs.

    Jobs may run one after the other, and side by side in threads of one process: every method may
    be called from any thread. What remembers anything about a video is made anew for each job; the
    restorer and the detector, which remember nothing, are shared behind a lock each, so that they
    work for one job at a time while the others decode, blend and encode. A job's result does not
    depend on what else its session does or did. Other processes need sessions of their own.

    Args:
        config: all options, the same for all jobs: a ``Config``, the name of a preset or a TOML
            file, a mapping of options; the defaults if None.
        restorer: used in place of the model that the options name, for crops that are aligned as
            ``restore.template`` says and come ``restore.batch`` at a time. It may have attributes
            that say more of it: ``template`` ("gpen" or "ffhq"; what "auto" takes, otherwise
            "gpen") and ``provenance``, a ``ModelUsed`` for the report.
        detector: used in place of the detector that the options name.

    Raises:
        ConfigError: ``config`` is none, or the restorer or the detector lacks its method.
    """

    def __init__(
        self,
        config: Settings = None,
        *,
        restorer: Restorer | None = None,
        detector: Detector | None = None,
    ) -> None:
        self._config = Config.of(config)
        if restorer is not None:
            given_engine(restorer, self._config.restore)
        if detector is not None:
            check_detector(detector)
        self._networks: Networks | None = Networks(self._config, restorer, detector)

    @property
    def config(self) -> Config:
        """All options."""
        return self._config

    def restore(
        self,
        source: Source,
        output: Output,
        *,
        start: Time | None = None,
        end: Time | None = None,
        overwrite: bool = False,
        jobs: int = 1,
        restart: bool = False,
        keep_parts: bool = False,
        copies: Mapping[str | Path, Settings] | None = None,
        progress: Callable[[Progress], None] | None = None,
        stop: threading.Event | None = None,
        pause: threading.Event | None = None,
    ) -> Report:
        """Restore the faces of a video, or of a photo.

        A video longer than a segment (``job.segment``) is restored in segments. Finished ones wait
        in the folder OUTPUT.part: what was stopped, however it was, goes on from there when it is
        asked for again. The result is the same as if it had not been.

        Args:
            source: the video or the photo, never written to; or an open binary file that holds a
                video, which is read from where it stands.
            output: the result; appears under this name only when it is whole. A pattern such as
                "out/frame_%05d.png" asks for numbered pictures; the name of one picture, such as
                "out.jpg", is that of a photo's result. An open binary file gets Matroska (or what
                its name ends in): in one go at the end where it can be sought in, otherwise as it
                is made.
            start: restore from this time on, counted from the file's beginning; the result begins
                at 0. Seconds, text such as "1:30.5", or a ``timedelta``.
            end: stop before this time.
            overwrite: replace an existing output.
            jobs: processes that share the segments, each with networks of its own; 1 is this one
                alone, 0 as many as pay. The result does not depend on it.
            restart: throw away what an earlier run has left in OUTPUT.part.
            keep_parts: leave OUTPUT.part there when the result is whole.
            copies: further results of the same frames, by name, such as an access copy beside a
                master; the options of each say how it is encoded, its size, and what becomes of
                the other streams.
            progress: called with each phase of the job and after each finished frame, one call at a
                time, mostly in other threads; what it raises ends the job.
            stop: set it from anywhere to end the job early; it is heard within a second, also
                while a model is loaded.
            pause: set it from anywhere to end the job with the segment that is under way; a job of
                one segment goes on to its end.

        Returns:
            What was done.

        Raises:
            VidrestoreError: a problem of the caller's making, reported in one line; nothing is left
                behind.
            Interrupted: ``stop`` or ``pause`` was set; but for finished segments, which its notes
                tell of, nothing is left behind, and the session can go on.
        """
        check_jobs(jobs)
        how = {"overwrite": overwrite, "restart": restart, "keep_parts": keep_parts}
        task = _task(source, output, start, end, copies, jobs=jobs, **how)
        networks = self._open()
        with lack_told():
            if is_photo(task):
                return restore_photo(task, self._config, networks, progress=progress, stop=stop)
            return restore(task, self._config, networks, progress=progress, stop=stop, pause=pause)

    def inspect(
        self,
        source: Source,
        *,
        progress: Callable[[Progress], None] | None = None,
        stop: threading.Event | None = None,
    ) -> Inspection:
        """Tell what is in a video: streams, timing, cuts, faces and tracks; restores nothing.

        Raises:
            VidrestoreError: the file cannot be read.
            Interrupted: ``stop`` was set.
        """
        networks = self._open()
        with lack_told():
            return inspect(source, self._config, networks, progress=progress, stop=stop)

    def estimate(
        self,
        source: Source,
        output: Output,
        *,
        start: Time | None = None,
        end: Time | None = None,
        overwrite: bool = False,
        copies: Mapping[str | Path, Settings] | None = None,
        stop: threading.Event | None = None,
    ) -> Estimate:
        """Tell what a job would take, from restoring its first seconds into a temporary folder.

        What is spent once, such as loading the model, is not counted where the session has done it.

        Raises:
            VidrestoreError: the source cannot be read, or the job could not run as asked.
            Interrupted: ``stop`` was set.
        """
        task = _task(source, output, start, end, copies, overwrite=overwrite)
        trial = estimate_photo if is_photo(task) else estimate
        networks = self._open()
        with lack_told():
            return trial(task, self._config, networks, stop=stop)

    def plan(
        self,
        source: Source,
        output: Output,
        *,
        start: Time | None = None,
        end: Time | None = None,
        overwrite: bool = False,
        copies: Mapping[str | Path, Settings] | None = None,
        stop: threading.Event | None = None,
    ) -> Plan:
        """Tell what ``restore`` would do, as a value: the same for the same source and options.

        Raises:
            VidrestoreError: the job would be refused.
            Interrupted: ``stop`` was set.
        """
        task = _task(source, output, start, end, copies, overwrite=overwrite)
        planned = plan_of_photo if is_photo(task) else plan_of
        return planned(task, self._config, self._open(), stop=stop)

    def preview(
        self,
        source: Source,
        output: str | Path,
        *,
        at: Time | Sequence[Time] = (),
        count: int = 1,
        seconds: Time = 2,
        tries: Mapping[str, Settings] | None = None,
        layout: Layout = "side",
        overwrite: bool = False,
        progress: Callable[[Progress], None] | None = None,
        stop: threading.Event | None = None,
    ) -> Preview:
        """Restore a few seconds as ``restore`` would, and show them beside the original.

        The pieces go into a temporary folder and are encoded as the options say, so that the
        encoder's losses are seen too. There is no sound.

        Args:
            source: the video; never written to.
            output: the video that shows it, .mp4, .mkv, .mov or .webm. Beside it, with .png, lies a
                picture of the frame with the largest face, before and after, in full size.
            at: a time to restore from, or several, from the file's beginning. Without any, some
                twenty keyframes are looked at, and those with the largest and most worn faces
                chosen.
            count: how many of these.
            seconds: to restore at each.
            tries: further options that are shown too, by the name that they are shown under.
            layout: whole pictures side by side, or one that is split between them.
            overwrite: replace existing outputs.
            progress: called after each restored frame, in another thread.
            stop: set it from anywhere to end early.

        Returns:
            What is shown.

        Raises:
            VidrestoreError: a problem of the caller's making, in one line; nothing unfinished
                is left behind.
            Interrupted: ``stop`` was set; nothing is left behind.
        """
        times = at if isinstance(at, Sequence) and not isinstance(at, str) else (at,)
        places = [time for each in times if (time := as_seconds(each, "at")) is not None]
        length = as_seconds(seconds, "seconds") or Fraction(0)
        shown = {name: Config.of(settings) for name, settings in (tries or {}).items()}
        asked = Asked(source, output, places, count, length, shown, layout, overwrite)
        networks = self._open()
        with lack_told():
            return preview(asked, self._config, networks, progress=progress, stop=stop)

    def restore_frames(self, frames: Iterable[Given]) -> Iterator[RestoredImage]:
        """Restore frames that come from elsewhere: a camera, a notebook, another decoder.

        Lazy: a frame is taken when it is needed, and given back as soon as the frames after it
        that the stages look ahead to have come; as many are held, however long the video is. The
        work is done in the thread that asks for the next frame.

        Options of files (``input``, ``output``, ``encoder``, ``interlaced``) have no say here.

        Args:
            frames: upright images, (h, w, 3) RGB of uint8 or uint16 over the type's whole range,
                and their times in seconds, each later than the last; or frames with theirs, of
                ``frame_from_rgb`` or PyAV's. Images are copied when they are taken.

        Returns:
            Every frame in order, with its faces.

        Raises:
            ConfigError: the options ask for another size.
            InputError: while iterating, if a frame is no such image, not of the first one's size
                and type, or no later than the one before.
            ModelError: while iterating, if the weights are missing or refused.
            DeviceError: while iterating, if the device is missing or fails.
        """
        return restore_images(frames, self._config, self._open())

    def close(self) -> None:
        """Let go of the networks; safe to call twice. Jobs that have begun go on to their end."""
        self._networks = None

    def __enter__(self) -> Self:
        """The session itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def _open(self) -> Networks:
        networks = self._networks
        if networks is None:
            raise ValueError("the session is closed")
        return networks


def _task(
    source: Source,
    output: Output,
    start: Time | None,
    end: Time | None,
    copies: Mapping[str | Path, Settings] | None,
    **how: Any,
) -> Task:
    """A task; its times in any of the ways to give them."""
    check_file("source", source, "read")
    check_file("output", output, "write")
    begin, stop = as_seconds(start, "start"), as_seconds(end, "end")
    if stop is not None and stop <= (begin or 0):
        raise ConfigError(f"end {end} leaves nothing: it must be later than start {start or 0}")
    return Task(source, output, begin, stop, copies=copies_of(output, copies), **how)
