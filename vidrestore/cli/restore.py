"""``vidrestore restore IN... OUT``: what it takes."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Group, Parameter

from vidrestore.cli.display.logs import Level, logged
from vidrestore.cli.display.progress import Style
from vidrestore.cli.flags import chosen, configure, option_flags
from vidrestore.cli.restoring.asked import Asked
from vidrestore.cli.restoring.further import with_copies
from vidrestore.cli.restoring.names import STREAM, is_folder, pairs
from vidrestore.cli.restoring.ranges import apart, ranges
from vidrestore.cli.restoring.running import estimate_all, refuse, restore_all
from vidrestore.cli.targets import check_report, sources_of
from vidrestore.errors import ConfigError
from vidrestore.text.wording import parse_jobs

_COMMON = Group("Options", sort_key=1)
_MORE = Group("More", sort_key=2)
_WORDS = Group("What is printed", sort_key=3)


def _flag(text: str, group: Group, *short: str, **more: Any) -> Parameter:
    """A flag without a value."""
    return Parameter(group=group, help=text, alias=short, negative=(), show_default=False, **more)


def _value(text: str, metavar: str, group: Group, *short: str, **more: Any) -> Parameter:
    """An option with a value."""
    return _flag(text, group, *short, metavar=metavar, **more)


@option_flags(shown=False)
def restore(
    *names: Annotated[
        str,
        Parameter(
            name="IN... OUT",
            show=True,
            help="Videos, and where the result goes: a file, or a folder for several. Without OUT "
            "the result of IN.mp4 is IN.restored.mp4 beside it. - is standard input or output; "
            "out/frame_%05d.png (or .tiff) asks for numbered pictures.",
        ),
    ],
    out: Annotated[
        str | None,
        _value(
            "OUT, given apart: all names are videos then.",
            "OUT",
            _COMMON,
            name="-o",
            show=True,
            allow_leading_hyphen=True,
        ),
    ] = None,
    preset: Annotated[
        str,
        _value("See below; or a TOML file.", "NAME|FILE", _COMMON, "-p", show=True),
    ] = "default",
    begin: Annotated[
        list[str] | None,
        _value(
            "Begin at this time: seconds, mm:ss or hh:mm:ss.mmm. Several pairs of --from and --to "
            "make a result each.",
            "TIME",
            _COMMON,
            name="--from",
            show=True,
        ),
    ] = None,
    end: Annotated[
        list[str] | None,
        _value("End before this time.", "TIME", _COMMON, name="--to", show=True),
    ] = None,
    overwrite: Annotated[
        bool, _flag("Replace files that exist.", _COMMON, "-y", show=True)
    ] = False,
    skip_existing: Annotated[
        bool, _flag("Leave videos alone whose result exists.", _COMMON, show=True)
    ] = False,
    dry_run: Annotated[
        bool, _flag("Only estimate time and disk space.", _COMMON, show=True)
    ] = False,
    model: Annotated[
        str | None,
        _value("Of `vidrestore models list`, or a file.", "NAME|FILE", _COMMON, show=True),
    ] = None,
    device: Annotated[
        str | None, _value("auto, cpu, cuda or cuda:N.", "DEVICE", _COMMON, show=True)
    ] = None,
    task: Annotated[
        str | None,
        _value(
            "restore, or colorize: colour for black-and-white faces, and for nothing else.",
            "TASK",
            _COMMON,
        ),
    ] = None,
    report: Annotated[
        str | None,
        _value(
            "Write what was done, and where, as JSON; - is stdout; a folder for several.",
            "FILE",
            _COMMON,
            show=True,
            allow_leading_hyphen=True,
        ),
    ] = None,
    quiet: Annotated[
        bool, _flag("Say nothing unless something is wrong.", _COMMON, "-q", show=True)
    ] = False,
    name: Annotated[
        str | None,
        _value(
            "What results are called in a folder, or beside IN: {stem}, {ext}, {preset} and "
            "{folder} are filled in.",
            "TEMPLATE",
            _MORE,
        ),
    ] = None,
    also: Annotated[
        str | None,
        _value(
            "Make a further result of the same restored frames: a file; of several results, how "
            "its name ends: access.mp4 makes NAME.access.mp4 beside each.",
            "ACCESS.mp4",
            _MORE,
        ),
    ] = None,
    also_preset: Annotated[
        str | None,
        _value(
            "How that is encoded (default home-video); of faces it has no say.", "NAME|FILE", _MORE
        ),
    ] = None,
    scenes: Annotated[
        str | None,
        _value(
            "Restore the pieces that this file lists, START,END on a line each or as PySceneDetect "
            "and `inspect --scenes` write them; each makes a result, OUT.1, OUT.2 and so on.",
            "FILE.csv",
            _MORE,
        ),
    ] = None,
    jobs: Annotated[
        str,
        _value(
            "Processes that share a video longer than a segment; auto, the default, is as many as "
            "pay.",
            "N|auto",
            _MORE,
        ),
    ] = "auto",
    mask: Annotated[
        str | None,
        _value("For a photo: a picture that is white where it is damaged.", "FILE", _MORE),
    ] = None,
    inpainting: Annotated[
        str | None,
        _value(
            "What paints damage of faces: a file of GPEN-Inpainting-1024, or none; by itself it is "
            "taken where it is installed.",
            "FILE",
            _MORE,
        ),
    ] = None,
    background: Annotated[
        str | None,
        _value("Upscaler or denoiser for what is not face; see docs/models.md.", "FILE", _MORE),
    ] = None,
    restart: Annotated[
        bool, _flag("Begin anew, whatever an earlier run has left in OUT.part.", _MORE)
    ] = False,
    keep_parts: Annotated[
        bool, _flag("Leave OUT.part there when the result is whole.", _MORE)
    ] = False,
    strict: Annotated[
        bool, _flag("Refuse what would lose a data stream; short for --output.strict.", _MORE)
    ] = False,
    json: Annotated[bool, _flag("With --dry-run: print it as JSON on stdout.", _MORE)] = False,
    progress: Annotated[
        Style,
        _value(
            "auto (a bar on a terminal, lines elsewhere), bar, lines, json (a line for each step, "
            "for programs) or none; on stderr.",
            "STYLE",
            _WORDS,
        ),
    ] = "auto",
    verbose: Annotated[bool, _flag("Log to stderr what is done.", _WORDS, "-v")] = False,
    log: Annotated[
        str | None, _value("Add a log to this file, with times.", "FILE", _WORDS)
    ] = None,
    log_level: Annotated[
        Level, _value("debug, info (the default), warning or error.", "LEVEL", _WORDS)
    ] = "info",
    **options: Any,
) -> int:
    """Restore the faces of videos.

    Every frame, sound track and subtitle comes through; only faces change. A flag outweighs the
    preset, and the preset outweighs the defaults.
    """
    given = chosen(options)
    for option, value in (
        ("restore.model", model),
        ("restore.device", device),
        ("restore.task", task),
        ("restore.inpainting", inpainting),
        ("output.background", background),
        ("input.mask", mask),
    ):
        short = "--" + option.partition(".")[2]
        if value is not None and given.setdefault(option, value) != value:
            raise ConfigError(f"{short} and --{option} contradict each other; give one of them")
    if strict:
        given["output.strict"] = True
    pieces = ranges(begin or (), end or (), scenes)
    config = configure(preset, given)
    found = apart(pairs(names, out, name, preset, config), pieces)
    several = len(found) > 1 or is_folder(names[-1] if out is None else out)
    refuse(also is None and also_preset, "--also-preset is for --also, which is missing")
    if also is not None:
        found = with_copies(found, also, several=several)
    asked = Asked(
        pairs=found,
        several=several,
        preset=preset,
        config=config,
        copied=configure(also_preset or "home-video", {}),
        overwrite=overwrite,
        skip_existing=skip_existing,
        jobs=parse_jobs(jobs),
        restart=restart,
        keep_parts=keep_parts,
        report=report,
        style=progress,
        quiet=quiet or progress == "none",
        as_data=json,
    )
    refuse(json and not dry_run, "--json is for --dry-run; --report - writes what was done as JSON")
    refuse(overwrite and skip_existing, "--overwrite and --skip-existing contradict each other")
    _check_reports(asked, estimated=dry_run)
    with logged(log, log_level, verbose=verbose):
        return estimate_all(asked) if dry_run else restore_all(asked)


def _check_reports(asked: Asked, *, estimated: bool) -> None:
    """Refuse reports that would be of no use, or do harm, before any work."""
    report = asked.report
    if report is None:
        return
    if report == STREAM:
        refuse(asked.several, "--report - is for one video; name a folder for several reports")
        refuse(
            asked.pairs[0].output == STREAM and not estimated,
            "both the result and --report would go to stdout; name a file for one of them",
        )
    elif asked.several:
        refuse(not is_folder(report), "--report names a folder for several videos; end it in /")
        refuse(estimated, "--report with several videos is for restoring; use --dry-run --json")
    else:
        pair = asked.pairs[0]
        outputs = [name for name in (pair.output, pair.copy) if name is not None]
        sources = sources_of(pair.source, asked.preset, asked.config)
        check_report(report, outputs, sources, overwrite=asked.overwrite)
