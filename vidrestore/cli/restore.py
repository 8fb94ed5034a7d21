"""``vidrestore restore IN OUT``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from vidrestore.cli.display.output import complain, errors, tell
from vidrestore.cli.display.progress import display
from vidrestore.cli.failures import notes, told_loading
from vidrestore.cli.flags import chosen, configure, option_flags
from vidrestore.cli.interrupt import stop_on_signals
from vidrestore.cli.targets import check_report, sources_of
from vidrestore.errors import ConfigError, ExitCode, OutputError, ReportUnwritten
from vidrestore.text.wording import counted, parse_jobs, parse_time, size, spoken

if TYPE_CHECKING:
    from vidrestore.report import Estimate

_JOB = Group("The job", sort_key=1)


@option_flags()
def restore(
    source: Annotated[str, Parameter(name="IN", help="The video to restore.")],
    output: Annotated[
        str,
        Parameter(
            name="OUT",
            help="Where the result goes; out/frame_%05d.png (or .tiff) asks for numbered pictures.",
        ),
    ],
    /,
    *,
    preset: Annotated[
        str,
        Parameter(
            group=_JOB,
            metavar="NAME|FILE",
            help="default, old-film, home-video, cctv, archive, or a TOML file of options.",
        ),
    ] = "default",
    model: Annotated[
        str | None,
        Parameter(
            group=_JOB, metavar="NAME|FILE", help="Face restoration model; short for restore.model."
        ),
    ] = None,
    device: Annotated[
        str | None,
        Parameter(
            group=_JOB,
            metavar="DEVICE",
            help="auto, cpu, cuda or cuda:N; short for restore.device.",
        ),
    ] = None,
    begin: Annotated[
        str | None,
        Parameter(
            name="--from",
            group=_JOB,
            metavar="TIME",
            help="Begin at this time: seconds, mm:ss or hh:mm:ss.mmm.",
        ),
    ] = None,
    end: Annotated[
        str | None,
        Parameter(name="--to", group=_JOB, metavar="TIME", help="End before this time."),
    ] = None,
    jobs: Annotated[
        str,
        Parameter(
            group=_JOB,
            metavar="N|auto",
            help="Processes that share a video longer than a segment; auto is as many as pay.",
        ),
    ] = "auto",
    restart: Annotated[
        bool,
        Parameter(
            group=_JOB,
            negative=(),
            show_default=False,
            help="Begin anew, whatever an earlier run has left in OUT.part.",
        ),
    ] = False,
    keep_parts: Annotated[
        bool,
        Parameter(
            group=_JOB,
            negative=(),
            show_default=False,
            help="Leave OUT.part there when the result is whole.",
        ),
    ] = False,
    report: Annotated[
        str | None,
        Parameter(group=_JOB, metavar="FILE.json", help="Write what was done, and where, as JSON."),
    ] = None,
    strict: Annotated[
        bool,
        Parameter(
            group=_JOB,
            negative=(),
            show_default=False,
            help="Refuse what would lose a data stream; short for output.strict.",
        ),
    ] = False,
    overwrite: Annotated[
        bool,
        Parameter(group=_JOB, negative=(), show_default=False, help="Replace files that exist."),
    ] = False,
    quiet: Annotated[
        bool,
        Parameter(
            group=_JOB,
            negative=(),
            show_default=False,
            help="Say nothing unless something is wrong.",
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        Parameter(
            group=_JOB,
            negative=(),
            show_default=False,
            help="Only estimate time and disk space; write nothing.",
        ),
    ] = False,
    **options: Any,
) -> int:
    """Restore the faces of a video.

    Every frame, sound track and subtitle comes through; only faces change. A flag outweighs the
    preset, and the preset outweighs the defaults.
    """
    given = chosen(options)
    for name, value in (("restore.model", model), ("restore.device", device)):
        short = "--" + name.partition(".")[2]
        if value is not None and given.setdefault(name, value) != value:
            raise ConfigError(f"{short} and --{name} contradict each other; give one of them")
    if strict:
        given["output.strict"] = True
    config = configure(preset, given)
    start = None if begin is None else parse_time(begin, "--from")
    stop_at = None if end is None else parse_time(end, "--to")
    if stop_at is not None and stop_at <= (start or 0):
        raise ConfigError(f"--to {end} leaves nothing: it must be later than --from {begin or 0}")
    processes = parse_jobs(jobs)
    if report is not None and dry_run:
        raise ConfigError("--report has nothing to tell about a --dry-run; leave one of them out")
    if report is not None:
        check_report(report, output, sources_of(source, preset, config), overwrite=overwrite)

    with stop_on_signals() as stop:
        with stop.loading(), told_loading():
            # The work needs torch and OpenCV; help and a mistyped option should not wait for them.
            from vidrestore import api  # noqa: PLC0415
            from vidrestore.cli.display.summary import summary  # noqa: PLC0415
            from vidrestore.report import write_json  # noqa: PLC0415

        try:
            if dry_run:
                found = api.estimate(
                    source,
                    output,
                    config,
                    start=start,
                    end=stop_at,
                    overwrite=overwrite,
                    stop=stop,
                )
                tell(*_estimated(found))
                return 0
            with display(errors(), quiet=quiet) as show:
                done = api.restore_video(
                    source,
                    output,
                    config,
                    start=start,
                    end=stop_at,
                    overwrite=overwrite,
                    jobs=processes,
                    restart=restart,
                    keep_parts=keep_parts,
                    progress=show,
                    stop=stop,
                )
        except api.Interrupted as stopped:
            complain(f"interrupted; {notes(stopped) or 'nothing was written'}")
            return ExitCode.INTERRUPTED
    # A report that cannot be written costs no finished film.
    unwritten = None if report is None else _unwritten(partial(write_json, done, report))
    # What was lost is something wrong: --quiet silences progress and the summary alone.
    for warning in done.warnings:
        complain(f"warning: {warning}")
    if not quiet:
        tell(*summary(done, None if unwritten else report))
    if unwritten is not None:
        raise ReportUnwritten(
            f"{done.output} is finished and whole, but {unwritten}"
        ) from unwritten
    return 0


def _unwritten(write: Callable[[], None]) -> OutputError | None:
    """Why writing failed; None if it did not."""
    try:
        write()
    except OutputError as error:
        return error
    return None


def _estimated(estimate: Estimate) -> list[str]:
    """An estimate as a few lines."""
    room = "" if estimate.fits else "; that is NOT enough"
    return [
        f"{counted(estimate.frames, 'frame')}, {spoken(estimate.duration)} of video",
        f"time:   about {spoken(estimate.seconds)} with {estimate.model} on {estimate.device}",
        f"disk:   about {size(estimate.output_bytes)} for {estimate.output}, "
        f"{size(estimate.free_bytes)} free{room}",
        f"basis:  {estimate.basis}",
        *(f"note:   {warning}" for warning in estimate.warnings),
        "nothing was written",
    ]
