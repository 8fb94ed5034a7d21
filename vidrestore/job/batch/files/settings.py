"""How each file is to be restored: options of the run, and of the files that lie beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from vidrestore.config import Config
from vidrestore.config.presets import preset_names, read_preset
from vidrestore.errors import ConfigError
from vidrestore.text.escaping import escaped, quoted, shown
from vidrestore.text.nearest import nearest

NAME: Final = "vidrestore.toml"
"""Of the file that says how its folder and all within are restored; with a video's whole name and
a dot before it, how that video is."""
_DEFAULT: Final = "its default"
# What makes no other result: how the work goes, and where.
_INDIFFERENT: Final = {
    "job": None,
    "pipeline": None,
    "restore": {"device", "batch", "threads"},
    "encoder": {"threads", "ffmpeg"},
    "output": {"checksum"},
    "input": {"spool", "budget", "max_pixels", "max_gigapixels"},
}


class Settings:
    """The options of every file of a run.

    A preset's are outweighed by those of ``vidrestore.toml`` in the folder that is searched, these
    by one in a folder within, and these by one of the file's own; what the call names outweighs
    all. Such a file is a stranger's: it may configure and not act, and has no say in what becomes
    of the other streams and of the result's name (``output``).

    Args:
        preset: a preset's name or file.
        options: that outweigh all, by dotted name.
        root: no such file above this folder counts; None for those beside the videos alone.

    Raises:
        ConfigError: for an unknown preset, or a value that an option does not take.
    """

    def __init__(self, preset: str, options: Mapping[str, Any], root: Path | None) -> None:
        self._preset, self._options, self._root = preset, dict(options), root
        self._read: dict[Path, dict[str, Any] | None] = {}
        self._plain = Config.preset(preset).with_options(self._options, origin="flag")

    @property
    def plain(self) -> Config:
        """Of a file that has nothing beside it."""
        return self._plain

    def of(self, path: Path) -> Config:
        """The options of a file.

        Raises:
            ConfigError: a file beside it holds what it may not, or no options.
        """
        found = [name for name in self._beside(path) if self._content(name) is not None]
        if not found:
            return self._plain
        config = Config.preset(self._preset)
        for name in found:
            config = self._changed(config, name)
        return config.with_options(self._options, origin="flag")

    def forget(self) -> None:
        """Read files anew from now on."""
        self._read.clear()

    def _beside(self, path: Path) -> list[Path]:
        folders = [path.parent]
        if self._root is not None:
            above = path.parent
            while above not in (self._root, above.parent):
                above = above.parent
                folders.insert(0, above)
        return [*(folder / NAME for folder in folders), path.with_name(f"{path.name}.{NAME}")]

    def _content(self, name: Path) -> dict[str, Any] | None:
        if name not in self._read:
            try:
                there = name.exists()
            except OSError:  # a name that is too long
                there = False
            self._read[name] = read_preset(name) if there else None
        return self._read[name]

    def _changed(self, config: Config, name: Path) -> Config:
        content, where = dict(self._content(name) or {}), f" in {escaped(str(name))}"
        preset = content.pop("preset", None)
        if preset is not None:
            if preset not in preset_names():
                raise ConfigError(
                    f"preset{where} is {quoted(preset)}; choose {', '.join(preset_names())}"
                    f"{nearest(shown(preset), preset_names())}"
                )
            config = Config.preset(preset)
        if "output" in content:
            raise ConfigError(
                f"output{where}: what becomes of the other streams is not for a file beside them "
                "to say; give it on the command line, or in the run's preset"
            )
        flat: dict[str, Any] = {}
        for section, options in content.items():
            if not isinstance(options, Mapping):
                raise ConfigError(
                    f"{shown(section)}{where} must be a section of options, not {quoted(options)}"
                )
            flat |= {f"{section}.{option}": value for option, value in options.items()}
        return config.with_options(flat, where, origin="preset", folder=name.parent)


def key(config: Config, ending: str) -> str:
    """What tells one result from another: SHA-256 over the options that matter."""
    parts = [_mattering(config.model_dump(mode="json")), ending, _weights(config)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _weights(config: Config) -> list[int]:
    """What tells a weight file of the user's from another of the same name."""
    try:
        there = Path(config.restore.model).stat()
    except (OSError, ValueError):  # a name of the catalogue
        return []
    return [there.st_size, there.st_mtime_ns]


def file_hash(path: Path, kind: str) -> str | None:
    """The hash of a file, hexadecimal; None if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, kind).hexdigest()
    except (OSError, ValueError):
        return None


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Which options have changed that matter, a few words each.

    Args:
        before: options as ``Config.model_dump`` gives them.
        now: those of today.
    """
    old, new = _mattering(before), _mattering(now)
    return [
        f"{name} was {_value(old, name)}, is {_value(new, name)}"
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def _value(options: Mapping[str, Any], name: str) -> str:
    return shown(str(options.get(name, _DEFAULT)))


def _mattering(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Options by dotted name that are not the default, and make another result.

    An option that a later version brings has its default in what an earlier one noted.
    """
    found = {}
    for section, defaults in Config().model_dump(mode="json").items():
        left, given = _INDIFFERENT.get(section, set()), settings.get(section, {})
        if left is None:
            continue
        for name, standard in defaults.items():
            if name not in left and given.get(name, standard) != standard:
                found[f"{section}.{name}"] = given[name]
    return found
