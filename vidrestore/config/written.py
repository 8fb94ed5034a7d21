"""Options as text: which differ, and as a preset's file."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

from vidrestore.config.configuration import Config
from vidrestore.config.messages import sections
from vidrestore.text.escaping import escaped

_COLUMNS = 96
_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class Difference(NamedTuple):
    """An option that two configurations hold different values of.

    Attributes:
        name: dotted.
        one: its value in the one.
        other: in the other.
        meaning: what the option says.
    """

    name: str
    one: Any
    other: Any
    meaning: str


def differences(one: Config, other: Config) -> Iterator[Difference]:
    """The options that differ, in the order of the documentation."""
    for section, model in sections(Config).items():
        for option, field in model.model_fields.items():
            before, after = (getattr(getattr(config, section), option) for config in (one, other))
            if before != after:
                yield Difference(f"{section}.{option}", before, after, field.description or "")


def preset_text(config: Config, purpose: str) -> str:
    """A preset's file that holds what differs from the defaults, each option explained.

    Args:
        config: all options.
        purpose: the first line: what the preset is for; shown escaped, as TOML allows nothing else.
    """
    parts, section = [f"# {escaped(purpose)}\n"], ""
    for found in differences(Config(), config):
        here, _, option = found.name.partition(".")
        if here != section:
            section = here
            parts.append(f"\n[{section}]\n")
        lines = textwrap.wrap(found.meaning, _COLUMNS, break_on_hyphens=False)
        parts += [f"# {line}\n" for line in lines]
        if found.other is None:  # TOML has no word for it
            parts.append(f"# {option} is left open.\n")
        else:
            parts.append(f"{option} = {toml(found.other)}\n")
    return "".join(parts)


def toml(value: Any) -> str:
    """A value of an option as TOML writes it."""
    if isinstance(value, dict):
        pairs = (f"{_key(name)} = {toml(entry)}" for name, entry in value.items())
        return "{ " + ", ".join(pairs) + " }" if value else "{}"
    # For text, numbers and booleans TOML and JSON agree, but for one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", r"\u007f")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else toml(name)
