"""``vidrestore presets``: list, show, save, diff."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from vidrestore.cli.display.output import write_lines, write_result
from vidrestore.cli.flags import chosen, configure, option_flags
from vidrestore.cli.restoring.names import STREAM
from vidrestore.config import Config
from vidrestore.config.presets import preset_file, preset_names, preset_purpose
from vidrestore.config.written import differences, preset_text, toml
from vidrestore.errors import ConfigError, OutputError
from vidrestore.runtime.whole_file import unwritten, whole_file
from vidrestore.text.escaping import quoted, shown
from vidrestore.text.wording import counted

presets = App(name="presets", help="List, show, compare and save presets: files of options.")
_PRESET = Annotated[str, Parameter(name="NAME|FILE", help="A preset's name, or a TOML file.")]


@presets.command(name="list")
def list_presets() -> int:
    """List the presets that come with vidrestore, and what each is for."""
    write_lines(*(f"{name:<12} {preset_purpose(name)}" for name in preset_names()))
    return 0


@presets.command(name="show")
def show_preset(preset: _PRESET, /) -> int:
    """Write a preset's file to stdout: what it changes, and why."""
    Config.preset(preset)  # one that cannot be used is refused
    write_result(preset_file(preset).read_text(encoding="utf-8"))
    return 0


@presets.command(name="diff")
def diff_presets(
    preset: _PRESET,
    other: Annotated[
        str, Parameter(name="OTHER", help="Another one; default if it is left out.")
    ] = "default",
    /,
) -> int:
    """Tell in what a preset differs from another one, an option in a sentence."""
    found = list(differences(Config.preset(other), Config.preset(preset)))
    for each in found:
        write_lines(f"{each.name} is {_said(each.other)} instead of {_said(each.one)}.")
        write_lines(f"    {each.meaning}")
    write_lines(f"{counted(len(found), 'option')} of {preset} differ from {other}")
    return 0


@presets.command(name="save")
@option_flags()
def save_preset(
    file: Annotated[
        str, Parameter(name="FILE.toml", help="The file to write; - is stdout.", show=True)
    ],
    /,
    *,
    preset: Annotated[
        str,
        Parameter(alias="-p", metavar="NAME|FILE", help="The preset to begin with.", show=True),
    ] = "default",
    purpose: Annotated[
        str, Parameter(metavar="TEXT", help="What it is for, in a sentence.", show=True)
    ] = "options of my own",
    overwrite: Annotated[
        bool,
        Parameter(
            alias="-y",
            negative=(),
            show_default=False,
            help="Replace a file that exists.",
            show=True,
        ),
    ] = False,
    **options: Any,
) -> int:
    """Write a preset of your own: a preset and the options that are given with it.

    `vidrestore restore IN OUT -p FILE.toml` uses it. Options that run programs or open files stay
    with the command line, as every preset's do.
    """
    config = configure(preset, chosen(options))
    path = Path(file)
    text = preset_text(config, f"{path.stem}: {' '.join(purpose.split())}")
    if file == STREAM:
        _encoded(text, "a preset", Path())
        write_result(text)
        return 0
    if path.suffix != ".toml":
        raise ConfigError(f"{shown(file)} is no preset's name; let it end in .toml")
    content = _encoded(text, file, path.parent)
    try:
        if path.exists() and not (overwrite and path.is_file()):
            raise OutputError(f"{shown(file)} exists; add --overwrite to replace it")
        with whole_file(path) as written:
            written.write(content)
    except OSError as error:
        raise OutputError(f"cannot write {shown(file)}: {unwritten(path, error)}") from error
    write_lines(f"{file}: {counted(len(list(differences(Config(), config))), 'option')}")
    return 0


def _encoded(text: str, name: str, folder: Path) -> bytes:
    """A preset's text as its file holds it.

    What a preset may not hold is refused now, not when it is used.

    Args:
        text: of the preset.
        name: what it is called in errors.
        folder: that it may name weights below.

    Raises:
        ConfigError: the text holds what no preset may.
    """
    Config.from_mapping(tomllib.loads(text), f" in {name}", origin="preset", folder=folder)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ConfigError(
            f"{name} would hold {quoted(error.object[error.start : error.end])}, which is no "
            "character: rename the file that is meant"
        ) from error


def _said(value: object) -> str:
    return "none" if value is None else toml(value)
