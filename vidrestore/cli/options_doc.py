"""``python -m vidrestore.cli.options_doc``: write what derives from config/, in a checkout.

That is ``docs/options.md`` and ``configs/default.toml``; a test checks that both are up to date.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

from pydantic.fields import FieldInfo

from vidrestore.cli.flags import described
from vidrestore.config import BatchConfig, Config
from vidrestore.config.messages import allowed, sections

_HEAD = """\
# Options

Every option stands once, in `vidrestore/config/`; this page is written from there by
`python -m vidrestore.cli.options_doc`.

On the command line an option is `--section.option VALUE`; in a preset it is a key under
`[section]`; from Python it is `Config.from_mapping({"section": {"option": value}})`. A flag
outweighs the preset, and the preset outweighs the defaults. `encoder.options` takes
`NAME=VALUE`, once per pair; giving it replaces all pairs of the preset.

`--model` is short for `--restore.model`, `--device` for `--restore.device`.

## Presets

"""
_BATCH = """
## vidrestore batch

How the work on many files goes ([batch.md](batch.md)): flags of that command alone, no options of a
preset.

"""
_PRESET_HEAD = """\
# default: what vidrestore does when nothing is asked of it.
#
# Every option with its standard value. Copy the lines that you want to change into a file of your
# own and name it: vidrestore restore IN OUT --preset my.toml
# (This file is written from vidrestore/config/ by `python -m vidrestore.cli.options_doc`.)
"""


def options_page(presets: Path) -> str:
    """The documentation of every option, with the presets in a folder, as Markdown."""
    parts = [_HEAD]
    for file in sorted(presets.glob("*.toml"), key=lambda f: (f.stem != "default", f.stem)):
        purpose = file.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
        name, _, text = purpose.partition(": ")
        parts.append(f"- `{name}`: {text}\n")
    for section, model in sections(Config).items():
        parts.append(f"\n## {section}\n\n{model.__doc__}\n\n")
        parts.append("| option | meaning | values | default |\n|---|---|---|---|\n")
        for option, field in model.model_fields.items():
            cells = (
                f"`{section}.{option}`",
                field.description or "",
                allowed(field),
                f"`{_toml(field) or 'none'}`",
            )
            parts.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    parts.append(_BATCH)
    parts.append("| flag | meaning | values | default |\n|---|---|---|---|\n")
    for option, field in BatchConfig.model_fields.items():
        flag, standard = f"`--{option.replace('_', '-')}`", f"`{_toml(field)}`"
        parts.append(f"| {flag} | {field.description} | {allowed(field)} | {standard} |\n")
    return "".join(parts)


def default_preset() -> str:
    """The default preset as TOML, every option explained by a comment."""
    parts = [_PRESET_HEAD]
    for section, model in sections(Config).items():
        parts.append(f"\n# {model.__doc__}\n[{section}]\n")
        for option, field in model.model_fields.items():
            parts += [
                f"# {line}\n"
                for line in textwrap.wrap(described(field), 96, break_on_hyphens=False)
            ]
            value = _toml(field)
            parts.append(f"{option} = {value}\n" if value else f'# {option} = ""\n')
    return "".join(parts)


def _toml(field: FieldInfo) -> str:
    """An option's default as TOML writes it; empty for none, which TOML does not have."""
    value = field.get_default(call_default_factory=True)
    if value is None:
        return ""
    # For text, numbers, booleans and empty tables TOML and JSON agree.
    return json.dumps(value)


def write(root: Path) -> None:
    """Write both files into a checkout."""
    configs = root / "configs"
    configs.mkdir(exist_ok=True)
    (configs / "default.toml").write_text(default_preset(), encoding="utf-8")
    (root / "docs").mkdir(exist_ok=True)
    (root / "docs" / "options.md").write_text(options_page(configs), encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).resolve().parents[2])
