"""``vidrestore verify REPORT``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from vidrestore.cli.display.output import complain, errors, write_lines, write_result
from vidrestore.cli.display.progress import display
from vidrestore.cli.failures import in_flags, loading_libraries
from vidrestore.cli.interrupt import stop_on_signals
from vidrestore.errors import ConfigError, ExitCode, InputError, Interrupted

if TYPE_CHECKING:
    from vidrestore.report.verified import Verified

# What a batch writes among its reports, and is none.
_SUMMARY = "summary.json"
_UNFINISHED = ".part"
_MARKS = {True: "right", False: "WRONG", None: "-"}


def verify(
    *reports: Annotated[
        str,
        Parameter(
            name="REPORT",
            help="A report that --report, or a batch, wrote; a folder for all that lie below it.",
        ),
    ],
    again: Annotated[
        bool,
        Parameter(
            negative=(),
            show_default=False,
            help="Restore anew into a temporary folder, and compare frame by frame.",
        ),
    ] = False,
    source: Annotated[
        str | None, Parameter(metavar="FILE", help="The source, if it lies elsewhere now.")
    ] = None,
    result: Annotated[
        str | None, Parameter(metavar="FILE", help="The result, if it lies elsewhere now.")
    ] = None,
    model: Annotated[
        str | None,
        Parameter(
            metavar="NAME|FILE",
            help="The model; one of your own must be named, since a report may name no file to "
            "open.",
        ),
    ] = None,
    inpainting: Annotated[
        str | None,
        Parameter(metavar="FILE", help="Likewise what painted damage, if that lies elsewhere now."),
    ] = None,
    json: Annotated[
        bool, Parameter(negative=(), show_default=False, help="What was found, as JSON.")
    ] = False,
) -> int:
    """Tell whether source, result and model are what a report says.

    The report's own seal, the hashes of all three, and that no sample outside the faces changed,
    which a lossless result proves. Exit codes: 0 nothing is wrong; 3 something is, or one of
    several reports cannot be read.
    """
    if not reports:
        raise ConfigError("REPORT is missing; `vidrestore verify --help` shows how to call it")
    with stop_on_signals() as stop:
        with stop.loading(), loading_libraries():
            from vidrestore import api  # noqa: PLC0415 - help should not wait for it
            from vidrestore.report import to_json  # noqa: PLC0415
            from vidrestore.report.verified import unreadable  # noqa: PLC0415
        files, found = _files(reports), []
        if len(files) > 1 and (source is not None or result is not None):
            raise ConfigError(
                f"--source and --result are for one report, and these are {len(files)}"
            )
        models = {"restore.model": model, "restore.inpainting": inpainting}
        named = {option: name for option, name in models.items() if name is not None}
        try:
            for report in files:
                try:
                    with display(errors(), quiet=not again) as show:
                        each = api.verify_report(
                            report,
                            again=again,
                            source=None if source is None else Path(source),
                            output=None if result is None else Path(result),
                            options=named,
                            progress=show,
                            stop=stop,
                        )
                except InputError as error:
                    if len(files) == 1:
                        raise
                    each = unreadable(report, error)
                found.append(each)
                if not json:
                    write_lines(*([each.report] if len(files) > 1 else []), *_lines(each))
        except Interrupted:
            complain("interrupted")
            return ExitCode.INTERRUPTED
    if json:
        write_result(to_json(found))
    return ExitCode.DONE if all(each.right for each in found) else ExitCode.SOME_FAILED


def _lines(found: Verified) -> list[str]:
    return [
        f"{_MARKS[check.right]:<6} {check.what}: {in_flags(check.text)}" for check in found.checks
    ]


def _may_be_report(file: Path, folder: Path) -> bool:
    """Whether a file below a folder that is named may be a report.

    What a job keeps for itself until it is done (``OUT.part``), and what is hidden, holds none.
    """
    inside = (folder.name, *file.relative_to(folder).parent.parts)
    kept = any(part.endswith(_UNFINISHED) for part in inside)
    hidden = any(part.startswith(".") for part in inside[1:])
    return file.name != _SUMMARY and not kept and not hidden


def _files(names: Sequence[str]) -> list[Path]:
    """The reports that are named, and those below folders that are.

    Raises:
        InputError: a folder holds none.
    """
    files: list[Path] = []
    for name in names:
        path = Path(name)
        if not path.is_dir():
            files.append(path)
            continue
        below = sorted(file for file in path.rglob("*.json") if _may_be_report(file, path))
        if not below:
            raise InputError(f"{name} holds no reports; name a report, or a folder of a batch")
        files += below
    return files
