"""``vidrestore batch IN OUT``."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from vidrestore.cli.display.batch import finished
from vidrestore.cli.display.output import complain, show_lines
from vidrestore.cli.failures import in_flags
from vidrestore.cli.flags import chosen, field_flags, option_flags
from vidrestore.cli.interrupt import stop_on_signals
from vidrestore.cli.words import words_of
from vidrestore.config import BatchConfig
from vidrestore.errors import ConfigError, ExitCode, OutputError
from vidrestore.text.escaping import quoted, shown
from vidrestore.text.wording import counted, of_file

if TYPE_CHECKING:
    from vidrestore.batch import Outcome

_FILES = Group("The files", sort_key=1)
_WAY = Group("The way of the work", sort_key=2)
_KEPT = Group("What is kept", sort_key=3)
_WORD = "finishing the segments under way; once more stops now"


@option_flags()
@field_flags(BatchConfig, _WAY)
def run(
    source: Annotated[
        str,
        Parameter(
            name="IN", help="A folder with videos, or a text file that lists some, one a line."
        ),
    ],
    output: Annotated[
        str, Parameter(name="OUT", help="The folder that results go into, as a tree like IN's.")
    ],
    /,
    *,
    preset: Annotated[
        str,
        Parameter(
            group=_FILES,
            alias="-p",
            metavar="NAME|FILE",
            help="For all files; vidrestore.toml beside them outweighs it, flags outweigh both.",
        ),
    ] = "default",
    also: Annotated[
        str | None,
        Parameter(
            group=_FILES,
            metavar="access.mp4",
            help="Make a further result of each, NAME.access.mp4, from the same restored frames.",
        ),
    ] = None,
    also_preset: Annotated[
        str | None,
        Parameter(
            group=_FILES,
            metavar="NAME|FILE",
            help="How that is encoded (default home-video).",
        ),
    ] = None,
    include: Annotated[
        list[str] | None,
        Parameter(
            group=_FILES,
            metavar="PATTERN",
            negative=(),
            help="Take only what matches, as of .gitignore, whatever its name ends in.",
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        Parameter(
            group=_FILES,
            metavar="PATTERN",
            negative=(),
            help="Leave out what matches, files and folders.",
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        Parameter(
            group=_FILES,
            alias="-y",
            negative=(),
            show_default=False,
            help="Replace what lies in OUT under a result's name and was not made by this batch.",
        ),
    ] = False,
    watch: Annotated[
        bool,
        Parameter(
            group=_WAY,
            negative=(),
            show_default=False,
            help="Go on looking for new files until it is stopped.",
        ),
    ] = False,
    until: Annotated[
        str | None,
        Parameter(
            group=_WAY,
            metavar="HH:MM",
            help="Stop then, at the end of the segments under way; the same call goes on.",
        ),
    ] = None,
    on_done: Annotated[
        str | None,
        Parameter(
            group=_WAY,
            metavar="COMMAND",
            help="Run this when all has ended, with the path of the summary as its last word.",
        ),
    ] = None,
    checksum: Annotated[
        str | None,
        Parameter(
            group=_KEPT,
            metavar="sha256|sha512|md5|none",
            help="Hashes in reports and manifest; short for --output.checksum.",
        ),
    ] = None,
    bag: Annotated[
        bool,
        Parameter(
            group=_KEPT,
            negative=(),
            show_default=False,
            help="Put results and reports into a BagIt bag of hard links, OUT.bag.",
        ),
    ] = False,
    premis: Annotated[
        bool,
        Parameter(
            group=_KEPT,
            negative=(),
            show_default=False,
            help="Tell each job in PREMIS 3, too, as XML.",
        ),
    ] = False,
    framemd5: Annotated[
        bool,
        Parameter(
            group=_KEPT,
            negative=(),
            show_default=False,
            help="Hash every frame of every result, in the form of FFmpeg's framemd5.",
        ),
    ] = False,
    log: Annotated[
        bool,
        Parameter(
            group=_WAY,
            negative=(),
            show_default=False,
            help="Write a log for each file, as lines of JSON, into OUT/.vidrestore/logs.",
        ),
    ] = False,
    quiet: Annotated[
        bool,
        Parameter(
            group=_WAY,
            alias="-q",
            negative=(),
            show_default=False,
            help="Say nothing unless something is wrong.",
        ),
    ] = False,
    **options: Any,
) -> int:
    """Restore all videos and photos of a folder or a list.

    Exit codes: 0 all done; 3 some failed, which `batch status OUT` lists; 2 a wrong call; 130
    stopped before all was done.
    """
    from vidrestore import batch as work  # noqa: PLC0415 - help need not wait for it

    own = {name: options.pop(name, None) for name in BatchConfig.model_fields}
    command = [] if on_done is None else _command(on_done)
    if also is None and also_preset is not None:
        raise ConfigError("--also-preset is for --also, which is missing")
    given = chosen(options)
    if checksum is not None:
        given["output.checksum"] = checksum
    asked = work.Asked(
        source=Path(source),
        output=Path(output).absolute(),
        preset=preset,
        options=given,
        also=None if also is None else (also, also_preset or "home-video"),
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        batch=work.batch_config(own),
        until=_until(until),
        watch=watch,
        overwrite=overwrite,
        bag=bag,
        premis=premis,
        frame_hashes=framemd5,
        logs=log,
    )
    with stop_on_signals(_WORD) as pause:
        done = work.run_batch(asked, pause=pause, notify=_silent if quiet else _say)
    if not quiet:
        show_lines(*map(in_flags, finished(done)))
    for path, _, error in done.wrong:
        if quiet:
            complain(in_flags(of_file(path, error)))
    stopped = done.stopped is not None and done.left
    if stopped:
        complain(f"{done.stopped}; {counted(done.left, 'file')} left, the same call goes on")
    # Last: that it cannot be run hides nothing.
    if command:
        _run(command, done)
    if stopped:
        return ExitCode.INTERRUPTED
    return ExitCode.SOME_FAILED if done.wrong or done.left else ExitCode.DONE


def _command(text: str) -> list[str]:
    """The words of ``--on-done``, refused before the night where nothing can be run by them."""
    words = words_of("--on-done", text, "is no command; leave it out")
    if shutil.which(words[0]) is None:
        raise ConfigError(
            f"--on-done {shown(words[0])} cannot be run: there is no such program; give its path"
        )
    return words


def _say(line: str) -> None:
    show_lines(in_flags(line))


def _silent(line: str) -> None:
    del line


def _until(text: str | None) -> datetime | None:
    """The next time that the clock shows so."""
    if text is None:
        return None
    try:
        asked = datetime.strptime(text, "%H:%M").time()
    except ValueError:
        raise ConfigError(f"--until {quoted(text)} is no time of day; write it as 06:30") from None
    return next_time(asked, datetime.now())


def next_time(asked: time, now: datetime) -> datetime:
    """When the clock shows a time next, however it is set between.

    Args:
        asked: of the day.
        now: by the local clock.

    Returns:
        With the distance from UTC that holds then.
    """
    days = (now.date() + timedelta(days=number) for number in range(2))
    then, tomorrow = (datetime.combine(day, asked).astimezone() for day in days)
    return then if then > now.astimezone() else tomorrow


def _run(command: list[str], done: Outcome) -> None:
    words = [*command, str(done.summary or "")]
    try:
        code = subprocess.run(words, check=False).returncode  # noqa: S603 - who calls asked for it
    except OSError as error:
        raise OutputError(f"--on-done {command[0]} cannot be run: {error.strerror}") from error
    if code:
        complain(f"--on-done {command[0]} ended with code {code}")
