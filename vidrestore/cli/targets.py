"""What a job writes against all that it reads, looked at together before any work."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from vidrestore.config import Config
from vidrestore.errors import OutputError
from vidrestore.text.escaping import escaped


def check_report(
    report: str, outputs: Iterable[str], sources: Iterable[tuple[str, str]], *, overwrite: bool
) -> None:
    """Refuse now a report that would only fail, or destroy something, once the work is done.

    Args:
        report: the file that will be written.
        outputs: names of results, or patterns of their pictures.
        sources: what is read, as (what it is, its name); see :func:`sources_of`.
        overwrite: whether an existing report may be replaced.

    Raises:
        OutputError: the report is something else's file, has an impossible name, cannot be written
            in its folder, or exists.
    """
    if not report:
        raise OutputError("--report is an empty name; name a file")
    named, path = f"--report {escaped(report)}", Path(report)
    for what, name in (*sources, *(("the result", output) for output in outputs)):
        if _same(report, name):
            raise OutputError(f"{named} is {what} itself; name another file")
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    except (OSError, ValueError) as error:
        raise OutputError(f"{named} cannot be written: {_why(error)}") from error
    if mode is not None and stat.S_ISDIR(mode):
        raise OutputError(f"{named} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise OutputError(f"{named}: the folder {path.parent} does not exist; create it")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"{named}: the folder {path.parent} cannot be written to; name another")
    if mode is not None and not stat.S_ISREG(mode):
        raise OutputError(f"{named} is no regular file; name another one")
    if mode is not None and not overwrite:
        raise OutputError(f"{named} exists already; add --overwrite to replace it")


def sources_of(source: str, preset: str, config: Config) -> list[tuple[str, str]]:
    """Everything that a job reads, as (what it is, its name); names of catalogues among it."""
    named = (
        ("the model", config.restore.model),
        ("the detector's weights", config.detect.weights),
        ("the parser's weights", config.paste.parsing),
        ("the FFmpeg binary", config.encoder.ffmpeg),
    )
    found = [("the video", source), ("the preset", preset)]
    found += [("a picture of the video", name) for name in _pictures(source)]
    return found + [(what, name) for what, name in named if name is not None]


def _pictures(source: str) -> list[str]:
    """Files beside which a sequence lies; a report must not replace one of its pictures."""
    folder = source if os.path.isdir(source) else str(Path(source).parent)  # noqa: PTH112
    if folder != source and "%" not in Path(source).name:
        return []
    try:
        return [entry.path for entry in os.scandir(folder)]
    except (OSError, ValueError):
        return []  # reported when the source is opened


def _same(one: str, other: str) -> bool:
    """Whether two names are of one file, also through links, and where neither exists yet."""
    try:
        if os.path.exists(one) and os.path.exists(other):  # noqa: PTH110 - never fails
            return os.path.samefile(one, other)  # noqa: PTH121
        return os.path.realpath(one) == os.path.realpath(other)
    except (OSError, ValueError):
        return False


def _why(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
