"""Which video goes into which result, taken from the names of a call."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from vidrestore.config import PHOTOS, PICTURES, Config, video_ending
from vidrestore.errors import ConfigError, InputError, OutputError
from vidrestore.text.addresses import is_address
from vidrestore.text.escaping import quoted, shown

STREAM = "-"
"""Standard input or output, by its position."""
BESIDE = "{stem}.restored{ext}"
IN_FOLDER = "{stem}{ext}"
_FIELD = re.compile(r"\{(\w*)\}", re.ASCII)
_NUMBER = re.compile(r"[ ._-]*%0?\d*d", re.ASCII)
STILLS = PICTURES | PHOTOS.keys()


class Pair(NamedTuple):
    """A video and its result, by name; of a piece, its times; the name of a further result."""

    source: str
    output: str
    start: Fraction | None = None
    end: Fraction | None = None
    copy: str | None = None


def pairs(
    names: Sequence[str], out: str | None, template: str | None, preset: str, config: Config
) -> list[Pair]:
    """What becomes of the names of a call, as ``cp`` takes them.

    Args:
        names: IN OUT, IN... FOLDER, or IN alone, whose result lies beside it.
        out: the last of them, where it was given apart (``-o``): all names are sources then.
        template: how results are called in a folder, or beside their sources; None for the usual.
        preset: fills ``{preset}``.
        config: all options, which may want another container than the source's.

    Raises:
        ConfigError: names are missing, or several videos have no folder to go to.
        OutputError: two results would have the same name, or one that of its source.
        InputError: a source is on the network.
    """
    sources, target = _parted(names, out)
    for source in sources:
        if is_address(source) and not os.path.lexists(source):
            raise InputError(
                f"{shown(source)} is an address; nothing here reaches for the network: download "
                "the video and name the file"
            )
    if target is not None and is_address(target):
        raise OutputError(f"{shown(target)} is an address; results are files: name one")
    if target is not None and not is_folder(target):
        if template is not None:
            raise ConfigError(f"--name is for results in a folder, but {shown(target)} is a file")
        return [Pair(sources[0], target)]
    found = [Pair(source, _named(source, target, template, preset, config)) for source in sources]
    _check_apart(found)
    return found


def is_folder(name: str) -> bool:
    """Whether a name asks for a folder: it is one, or ends as one."""
    return name.endswith(("/", os.sep)) or os.path.isdir(name)  # noqa: PTH112 - any name


def _parted(names: Sequence[str], out: str | None) -> tuple[Sequence[str], str | None]:
    """The sources, and where results go; None for beside them."""
    if not names:
        raise ConfigError("IN is missing; `vidrestore restore --help` shows how to call it")
    sources, target = (
        (names, out) if out is not None or len(names) == 1 else (names[:-1], names[-1])
    )
    if len(sources) > 1 and (target is None or not is_folder(target)):
        last = names[-1] if out is None else out
        raise ConfigError(
            f"{quoted(last)} is no folder, and a file cannot be the result of {len(sources)} "
            "videos; name a folder last, or end its name in / to have it made"
        )
    return sources, target


def _named(
    source: str, folder: str | None, template: str | None, preset: str, config: Config
) -> str:
    """The result of a source in a folder, or beside it."""
    if source == STREAM:
        raise ConfigError("OUT is missing: what comes through a pipe has no name of its own")
    path = Path(os.path.abspath(source))  # noqa: PTH100 - a link keeps its own name
    stem, ending = path.stem, path.suffix.lower()
    if _NUMBER.search(path.name):
        stem, ending = _NUMBER.sub("", path.stem) or path.parent.name, ""
    elif path.is_dir():
        stem, ending = path.name, ""
    result = ending if ending in STILLS else video_ending(ending, config)
    fields = {
        "stem": stem,
        "ext": path.suffix if result == ending else result,
        "preset": Path(preset).stem,
        "folder": path.parent.name,
    }
    name = _filled(template or (BESIDE if folder is None else IN_FOLDER), fields)
    beside = os.path.dirname(source.rstrip("/" + os.sep))  # noqa: PTH120 - keeps a name relative
    return os.path.join(beside if folder is None else folder, name)  # noqa: PTH118 - likewise


def _filled(template: str, fields: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in fields:
            known = ", ".join(f"{{{name}}}" for name in fields)
            raise ConfigError(f"--name {quoted(template)}: there is no {match[0]}; use {known}")
        return fields[match[1]]

    name = _FIELD.sub(value, template)
    if "{" in template and not _FIELD.search(template):
        raise ConfigError(f"--name {quoted(template)}: a field is written like {{stem}}")
    if not name or os.path.basename(name) != name:  # noqa: PTH119 - any separator of the system's
        raise ConfigError(f"--name {quoted(template)} is not the name of a file in a folder")
    return name if Path(name).suffix else f"{name}{fields['ext']}"


def _check_apart(found: Sequence[Pair]) -> None:
    """Refuse results that would replace each other, or a source."""
    taken: dict[str, str] = {}
    sources = {os.path.realpath(pair.source) for pair in found}
    for pair in found:
        real = os.path.realpath(pair.output)
        if real in sources:
            raise OutputError(
                f"{shown(pair.output)} is an input itself; choose another folder, or a name such "
                f"as --name '{BESIDE}'"
            )
        other = taken.setdefault(real, pair.source)
        if other != pair.source:
            folders = {Path(os.path.realpath(name)).parent.name for name in (other, pair.source)}
            apart = "tell them apart by --name '{folder}-{stem}{ext}'"
            alone = "restore one of them by itself, with a name as OUT"
            raise OutputError(
                f"{shown(other)} and {shown(pair.source)} would both become {shown(pair.output)}; "
                f"{apart if len(folders) > 1 else alone}"
            )
