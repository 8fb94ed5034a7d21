"""How far a job is: a bar on a terminal, a line every few seconds elsewhere, or nothing."""

from __future__ import annotations

import time
from types import TracebackType
from typing import IO, TYPE_CHECKING, Protocol, Self, TextIO, cast

from vidrestore.cli.display.output import Words
from vidrestore.text.wording import counted, spoken

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from vidrestore.report import Progress


class Display(Protocol):
    """Shows progress between entering and leaving."""

    def __call__(self, progress: Progress, /) -> None:
        """Show where the job is now; may be called from any thread."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Silent:
    """Shows nothing."""

    def __call__(self, progress: Progress, /) -> None:
        """Ignore it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing was opened."""


class Lines(Silent):
    """A plain line now and then, for logs and pipes."""

    def __init__(self, stream: TextIO | Words, every: float = 5.0) -> None:
        """``every`` is the least time between two lines, seconds."""
        self._stream = stream
        self._every = every
        self._next = 0.0

    def __call__(self, progress: Progress, /) -> None:
        """Write a line, unless the last one is too recent."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + self._every
        self._stream.write(f"{told(progress)}\n")
        self._stream.flush()


class TerminalBar:
    """A live bar."""

    def __init__(self, stream: TextIO | Words) -> None:
        """Draw on ``stream``, a terminal."""
        # rich takes a tenth of a second to load, which help and logs need not wait for.
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn  # noqa: PLC0415

        self._bar: Bar = Progress(
            # With a bar this short the line fits into 80 columns for any usual job.
            BarColumn(bar_width=16),
            TaskProgressColumn(),
            TextColumn("{task.fields[state]}", markup=False),
            console=Console(file=cast("IO[str]", stream)),
            transient=True,
        )
        self._task: TaskID = self._bar.add_task("", total=None, state="starting")

    def __call__(self, progress: Progress, /) -> None:
        """Move the bar; it redraws itself ten times a second at most."""
        total = progress.frames_total
        # An estimate that turns out too low must not show more than the whole.
        shown = None if total is None else max(total, progress.frames_done)
        self._bar.update(
            self._task,
            total=shown,
            completed=progress.frames_done,
            state=told(progress).replace(" of ", "/", 1).replace(" frames,", ",", 1),
        )

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()


def told(progress: Progress) -> str:
    """Progress in words: "120 of 500 frames, 14.2 frames/s, 27 s left, 98 faces"."""
    total = "" if progress.frames_total is None else f" of {progress.frames_total}"
    parts = [f"{progress.frames_done}{total} frames"]
    parts.append(f"{progress.frames_per_second:.1f} frames/s")
    if progress.seconds_left is not None:
        parts.append(f"{spoken(progress.seconds_left)} left")
    if not progress.faceless:
        parts.append(counted(progress.faces, "face"))
    if progress.segments:
        now = min(progress.segments_done + 1, progress.segments)
        parts.append(f"segment {now} of {progress.segments}")
    if progress.frames_kept:
        parts.append(f"{progress.frames_kept} by an earlier run")
    return ", ".join(parts)


def display(stream: TextIO | Words, *, quiet: bool) -> Display:
    """The display that suits the stream."""
    if quiet:
        return Silent()
    return TerminalBar(stream) if stream.isatty() else Lines(stream)
