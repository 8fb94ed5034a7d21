"""Restoring one video after the other with one session, and reporting each."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import IO, TYPE_CHECKING, Any

from vidrestore.cli.display.output import Words, complain, errors, show_lines_on, write_result
from vidrestore.cli.display.progress import Display, announced, display
from vidrestore.cli.failures import in_flags, loading_libraries, notes
from vidrestore.cli.interrupt import StopEvent, stop_on_signals
from vidrestore.cli.restoring.asked import Asked
from vidrestore.cli.restoring.names import STREAM, Pair
from vidrestore.config import Config
from vidrestore.errors import (
    ConfigError,
    ExitCode,
    OutputError,
    ReportUnwritten,
    VidrestoreError,
    exit_code,
)
from vidrestore.text.wording import counted, of_file, size, spoken

if TYPE_CHECKING:
    from vidrestore.api import Session
    from vidrestore.report import Estimate, Report

_log = logging.getLogger("vidrestore.cli")


def restore_all(asked: Asked) -> int:
    """Restore what is asked for; gives the exit code.

    Raises:
        VidrestoreError: what is wrong with the one video, in a line.
    """
    return _with_session(asked, _Restoring)


def estimate_all(asked: Asked) -> int:
    """Tell what it would take; gives the exit code.

    Raises:
        VidrestoreError: what is wrong with the one video, in a line.
    """
    return _with_session(asked, _Estimating)


def _with_session(asked: Asked, kind: type[_Work]) -> int:
    with stop_on_signals() as stop:
        if not asked.quiet:
            _announce(asked, 0, kind.begun)
        show = display(errors(), asked.style, quiet=asked.quiet)
        with show.loading(), stop.loading(), loading_libraries():
            # The work needs torch and OpenCV; help and a mistyped option should not wait for them.
            from vidrestore import api  # noqa: PLC0415

        with _folder_made(asked), api.Session(asked.config) as session:
            return kind(asked, api, session, stop, show).all()


def _announce(asked: Asked, number: int, text: str) -> None:
    pair, count = asked.pairs[number], len(asked.pairs)
    names = (text, pair.source, pair.output)
    announced(errors(), asked.style, *names, number=number + 1, count=count)


class _Work:
    """Does one after the other; what fails of several is reported and counted."""

    begun, verb = "doing", "done"

    def __init__(
        self, asked: Asked, api: ModuleType, session: Session, stop: StopEvent, show: Display
    ) -> None:
        self.asked, self.api, self.session, self.stop = asked, api, session, stop
        self.show = show
        self._failures: list[VidrestoreError] = []
        self._done = self._skipped = 0

    def all(self) -> int:
        """Do all of them; the exit code."""
        try:
            for number, pair in enumerate(self.asked.pairs):
                if number and not self.asked.quiet:
                    _announce(self.asked, number, self.begun)
                self._next(pair)
        except self.api.Interrupted as stopped:
            kept = notes(stopped) or "nothing was written"
            before = f"; {self._done} were finished before" * (len(self.asked.pairs) > 1)
            complain(f"interrupted; {kept}{before}")
            return ExitCode.INTERRUPTED
        return self._ended()

    def _next(self, pair: Pair) -> None:
        if self.asked.skip_existing and os.path.lexists(pair.output):
            self._skipped += 1
            missing = pair.copy is not None and not os.path.lexists(pair.copy)
            but = f"; {pair.copy} is made only with it, and is not there" * missing
            self.say(f"{pair.output}: there already, skipped{but}")
            return
        try:
            self.one(pair)
            self._done += 1
        except VidrestoreError as error:
            if not self.asked.several:
                raise
            _log.error("%s: %s", pair.source, error)
            line = in_flags("; ".join(filter(None, (str(error), notes(error)))))
            # Of several pieces of a video the result's name tells which it was.
            complain(of_file(pair.source if self._whole(pair) else pair.output, line))
            self._failures.append(error)

    def _whole(self, pair: Pair) -> bool:
        """Whether it is the only result of its source."""
        return sum(pair.source == other.source for other in self.asked.pairs) == 1

    def copies(self, pair: Pair) -> dict[str | Path, Config]:
        """How the further result of one of them is encoded, by its name."""
        return {} if pair.copy is None else {pair.copy: self.asked.copied or self.asked.config}

    def one(self, pair: Pair) -> None:
        """Do one of them."""
        raise NotImplementedError

    def say(self, *lines: str) -> None:
        """Tell something, beside what was asked for on stdout."""
        for line in lines:
            _log.info("%s", line)
        if not self.asked.quiet:
            busy = STREAM in (self.asked.report, self.asked.pairs[0].output)
            show_lines_on(errors() if busy else Words(sys.stdout), *lines)

    def _ended(self) -> int:
        failed = len(self._failures)
        if len(self.asked.pairs) > 1:
            counts = [f"{self._done} {self.verb}"]
            counts += [f"{self._skipped} skipped"] * bool(self._skipped)
            counts += [f"{failed} failed"] * bool(failed)
            self.say(f"{counted(len(self.asked.pairs), 'result')}: {', '.join(counts)}")
        if not failed:
            return ExitCode.DONE
        alone = failed == len(self.asked.pairs)
        return exit_code(self._failures[0]) if alone else ExitCode.SOME_FAILED


class _Restoring(_Work):
    begun, verb = "restoring", "restored"

    def one(self, pair: Pair) -> None:
        from vidrestore.cli.display.summary import summary  # noqa: PLC0415 - loads numpy

        asked = self.asked
        with self.show as show:
            done = self.session.restore(
                pair.source,
                _standard_output() if pair.output == STREAM else pair.output,
                start=pair.start,
                end=pair.end,
                overwrite=asked.overwrite,
                jobs=asked.jobs,
                restart=asked.restart,
                keep_parts=asked.keep_parts,
                copies=self.copies(pair),
                progress=show,
                stop=self.stop,
            )
        # A report that cannot be written costs no finished film.
        report = self._report_of(pair)
        unwritten = None if report is None else _unwritten(partial(_write, done, report))
        # What was lost is something wrong: --quiet silences progress and the summary alone.
        of_copies = [f"{made.output}: {each}" for made in done.copies for each in made.warnings]
        for warning in (*done.warnings, *of_copies):
            complain(f"warning: {in_flags(warning)}")
        self.say(*summary(done, None if unwritten or report == STREAM else report))
        if unwritten is not None:
            raise ReportUnwritten(
                f"{done.output} is finished and whole, but {unwritten}"
            ) from unwritten

    def _report_of(self, pair: Pair) -> str | None:
        if self.asked.report is None or not self.asked.several:
            return self.asked.report
        return str(Path(self.asked.report) / f"{Path(pair.output).name}.json")


class _Estimating(_Work):
    begun, verb = "estimating", "estimated"

    def one(self, pair: Pair) -> None:
        asked = self.asked
        output = _Nothing() if pair.output == STREAM else pair.output
        found = self.session.estimate(
            pair.source,
            output,
            start=pair.start,
            end=pair.end,
            overwrite=asked.overwrite,
            copies=self.copies(pair),
            stop=self.stop,
        )
        if asked.report is not None and asked.report != STREAM:
            _write(found, asked.report)
        elif asked.as_data or asked.report == STREAM:
            write_result(found.to_json())
            return
        self.say(*_estimated(found, asked.report))


class _Nothing:
    """Takes what nobody is to see."""

    name = "standard output.mkv"

    def write(self, data: bytes) -> int:
        return len(data)


def _standard_output() -> IO[bytes]:
    if sys.stdout is None or sys.stdout.isatty():
        raise OutputError("a video is nothing for a terminal; send it on, as in `... - | player -`")
    return sys.stdout.buffer


@contextmanager
def _folder_made(asked: Asked) -> Iterator[None]:
    """A folder for the results while the work goes on; it goes again if nothing came of it."""
    made = []
    folders = {Path(pair.output).parent for pair in asked.pairs} if asked.several else set()
    if asked.several and asked.report is not None:
        folders.add(Path(asked.report))
    try:
        for folder in folders:
            missing = [each for each in (folder, *folder.parents) if not each.exists()]
            folder.mkdir(parents=True, exist_ok=True)
            made += missing
    except OSError as error:
        raise OutputError(f"the folder {folder} cannot be made: {error.strerror}") from error
    try:
        yield
    finally:
        for folder in made:
            if not any(folder.iterdir()):
                folder.rmdir()


def _write(value: Report | Estimate, report: str) -> None:
    if report == STREAM:
        write_result(value.to_json())
    else:
        from vidrestore.report import write_json  # noqa: PLC0415 - loads numpy

        write_json(value, report)


def _unwritten(write: Callable[[], None]) -> OutputError | None:
    """Why writing failed; None if it did not."""
    try:
        write()
    except OutputError as error:
        return error
    return None


def _estimated(estimate: Estimate, report: str | None) -> list[str]:
    """An estimate as a few lines, the last of which tells what was written: a report, if any."""
    disk = [_room(estimate.output, estimate.output_bytes, estimate.free_bytes)]
    disk += [_room(each.output, each.output_bytes, each.free_bytes) for each in estimate.copies]
    # A photo has none.
    length = f", {spoken(estimate.duration)} of video" if estimate.duration else ""
    room = "" if estimate.fits else "; that is NOT enough"
    return [
        counted(estimate.frames, "frame") + length,
        f"time:   about {spoken(estimate.seconds)} with {estimate.model} on {estimate.device}",
        f"disk:   {'; '.join(disk)}{room}",
        f"basis:  {estimate.basis}",
        *(f"note:   {in_flags(warning)}" for warning in estimate.warnings),
        "nothing was written" if report is None else f"report: {report}; nothing else was written",
    ]


def _room(output: str, taken: int, free: int) -> str:
    return f"about {size(taken)} for {output}, {size(free)} free"


def refuse(condition: Any, text: str) -> None:
    """Refuse a call.

    Raises:
        ConfigError: the condition holds.
    """
    if condition:
        raise ConfigError(text)
