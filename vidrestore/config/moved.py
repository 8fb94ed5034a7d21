"""Options that stand in another section than they did; their old names work for one version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vidrestore.errors import ConfigError

MOVED: Final[Mapping[str, str]] = {
    "track.min_face": "align.min_face",
    "temporal.hold": "align.hold",
    "restore.strength": "paste.strength",
    "paste.colourless": "film.colourless",
}
"""Old dotted name to new; the next version forgets the old ones."""


def renamed(options: Mapping[str, Any], where: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Options under the names that they have now.

    Args:
        options: by dotted name.
        where: said after an option's name, such as " in my.toml".

    Returns:
        The options in their order, and a line for each that was renamed.

    Raises:
        ConfigError: an option is given under both its names.
    """
    warnings, now = [], {}
    for name, value in options.items():
        new = MOVED.get(name, name)
        if new in now or (new != name and new in options):
            old = next(key for key, other in MOVED.items() if other == new)
            raise ConfigError(f"{old} and {new}{where} are one option; give {new} alone")
        if new != name:
            warnings.append(f"{name}{where} is called {new} now; the old name will go")
        now[new] = value
    return now, tuple(warnings)


def renamed_sections(
    mapping: Mapping[str, Any], where: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The same for ``{section: {option: value}}``; what is no section stays as it is.

    Raises:
        ConfigError: an option is given under both its names.
    """
    flat = {
        f"{section}.{option}": value
        for section, options in mapping.items()
        if isinstance(options, Mapping)
        for option, value in options.items()
    }
    if not flat.keys() & MOVED.keys():
        return dict(mapping), ()
    _, warnings = renamed(flat, where)
    kept: dict[str, Any] = {
        section: dict(options) if isinstance(options, Mapping) else options
        for section, options in mapping.items()
    }
    for old in flat.keys() & MOVED.keys():
        section, _, option = old.partition(".")
        new_section, _, new = MOVED[old].partition(".")
        if isinstance(kept.setdefault(new_section, {}), dict):  # what is no section is told later
            kept[new_section][new] = kept[section].pop(option)
    return kept, warnings
