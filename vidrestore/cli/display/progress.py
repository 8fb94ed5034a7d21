"""How far a job is: a bar on a terminal, lines elsewhere, JSON for programs, or nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import TracebackType
from typing import IO, TYPE_CHECKING, Literal, Protocol, Self, TextIO, TypeAlias, cast

from vidrestore.cli.display.output import Words
from vidrestore.text.escaping import escaped
from vidrestore.text.wording import counted, spoken

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from vidrestore.report import Progress


Style: TypeAlias = Literal["auto", "bar", "lines", "json", "none"]
_PHASES = {
    "opening": "opening the video",
    "loading": "loading the model",
    "writing": "putting the result together",
}
_EARLY = ("opening", "loading")
_JSON_SECONDS = 0.5  # between two events


_CLEARED = "\r\x1b[2K"  # a line of a terminal


class Display(Protocol):
    """Shows progress between entering and leaving, of one job after the other."""

    def loading(self) -> AbstractContextManager[None]:
        """Show that the model is loaded in the block, and before it the libraries.

        ``Progress`` comes with them, so that it cannot say so.
        """
        ...

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

    def loading(self) -> AbstractContextManager[None]:
        """As ever."""
        return nullcontext()

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
    """A plain line now and then, for logs and pipes.

    Args:
        stream: takes the lines.
        every: least time between two of them, seconds.
        early: whether a job is shown before its first frame is done. Scripts are shown nothing
            until then, so that a call that is refused gives them its one line and no other.
    """

    def __init__(self, stream: TextIO | Words, every: float = 5.0, *, early: bool = True) -> None:
        self._stream, self._every, self._early = stream, every, early
        self._next = 0.0
        self._phase = ""
        self._loads = False

    def loading(self) -> AbstractContextManager[None]:
        """A line; it is not written again when the job comes to it."""
        if self._early:
            self._loads = True
            self._write(self._at_first())
        return nullcontext()

    def __call__(self, progress: Progress, /) -> None:
        """Write a line, unless the last one is too recent and the job is still at the same."""
        if not self._early and progress.phase in _EARLY:
            return
        if self._loads and progress.phase == "loading":
            return
        now = time.monotonic()
        if now < self._next and progress.phase == self._phase:
            return
        self._next, self._phase = now + self._every, progress.phase
        self._write(self._line(progress))

    def __enter__(self) -> Self:
        """Begin with another job."""
        self._next, self._phase = 0.0, ""
        return self

    def _write(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def _at_first(self) -> str:
        return _PHASES["loading"]

    def _line(self, progress: Progress) -> str:
        return described(progress)


class JsonLines(Lines):
    """A line of JSON for each step, for programs."""

    def _at_first(self) -> str:
        return _json(
            event="progress",
            phase="loading",
            frames_done=0,
            frames_total=None,
            faces=0,
            seconds=0.0,
            frames_per_second=0.0,
            seconds_left=None,
            segments_done=0,
            segments=0,
        )

    def _line(self, progress: Progress) -> str:
        left = progress.seconds_left
        return _json(
            event="progress",
            phase=progress.phase,
            frames_done=progress.frames_done,
            frames_total=progress.frames_total,
            faces=progress.faces,
            seconds=round(progress.seconds, 3),
            frames_per_second=round(progress.frames_per_second, 3),
            seconds_left=None if left is None else round(left, 1),
            segments_done=progress.segments_done,
            segments=progress.segments,
        )


class TerminalBar:
    """A live bar."""

    def __init__(self, stream: TextIO | Words) -> None:
        """Draw on ``stream``, a terminal."""
        self._stream = stream
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

    @contextmanager
    def loading(self) -> Iterator[None]:
        """A word and no bar: where loading is broken off the terminal would lack its cursor."""
        self._stream.write(_PHASES["loading"])
        self._stream.flush()
        try:
            yield
        finally:
            self._stream.write(_CLEARED)
            self._stream.flush()

    def __call__(self, progress: Progress, /) -> None:
        """Move the bar; it redraws itself ten times a second at most."""
        total = progress.frames_total
        # An estimate that turns out too low must not show more than the whole.
        shown = None if total is None else max(total, progress.frames_done)
        self._bar.update(
            self._task,
            total=shown,
            completed=progress.frames_done,
            state=described(progress)
            if progress.phase in _PHASES
            else described(progress).replace(" of ", "/", 1).replace(" frames,", ",", 1),
        )

    def __enter__(self) -> Self:
        self._bar.reset(self._task, total=None, state="starting")
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()


def described(progress: Progress) -> str:
    """Progress in words: "120 of 500 frames, 14.2 frames/s, 27 s left, 98 faces"."""
    if progress.phase in _PHASES:
        return _PHASES[progress.phase]
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


def display(stream: TextIO | Words, style: Style = "auto", *, quiet: bool) -> Display:
    """The display that is asked for, or suits the stream."""
    if quiet or style == "none":
        return Silent()
    if style == "json":
        return JsonLines(stream, _JSON_SECONDS)
    bar = stream.isatty() if style == "auto" else style == "bar"
    return TerminalBar(stream) if bar else Lines(stream, early=style == "lines")


def announced(
    stream: Words, style: Style, text: str, source: str, output: str, *, number: int, count: int
) -> None:
    """Say what is begun, before anything that takes long; scripts are shown several alone."""
    if style == "none" or (style == "auto" and count == 1 and not stream.isatty()):
        return
    if style == "json":
        line = _json(event="begin", input=source, output=output, number=number, of=count)
    else:
        line = escaped(f"{text} {source} to {output}" + f" ({number} of {count})" * (count > 1))
    stream.write(f"{line}\n")
    stream.flush()


def _json(**event: object) -> str:
    """One event on one line."""
    return json.dumps(event)
