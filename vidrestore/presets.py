"""Presets: TOML files of options, the package's own and the user's."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from vidrestore.config_errors import nearest
from vidrestore.errors import ConfigError


def preset_names() -> tuple[str, ...]:
    """Names of the presets that come with vidrestore, "default" first."""
    names = {file.stem for folder in _preset_folders() for file in folder.glob("*.toml")}
    return tuple(sorted(names, key=lambda name: (name != "default", name)))


def preset_file(name: str | Path) -> Path:
    """The file of a preset that comes with vidrestore, or the file that is named.

    Args:
        name: one of ``preset_names()``, or the path of a TOML file, which need not exist yet.

    Raises:
        ConfigError: if it is neither.
    """
    text = str(name)
    for folder in _preset_folders():
        if (folder / f"{text}.toml").is_file() and text == Path(text).name:
            return folder / f"{text}.toml"
    if isinstance(name, Path) or text.endswith(".toml") or Path(text).is_file():
        return Path(text)
    known = preset_names()
    raise ConfigError(
        f"there is no preset {text!r}{nearest(text, known)}; choose {', '.join(known)} or "
        "name a .toml file"
    )


def read_preset(path: str | Path) -> dict[str, Any]:
    """What a preset's file holds, not checked yet.

    Raises:
        ConfigError: if the file cannot be read or is not TOML.
    """
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the preset {path}: {error.strerror}") from error
    except ValueError as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"the preset {path} is not valid TOML: {reason}") from error


def _preset_folders() -> tuple[Path, ...]:
    """Inside the package when installed from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside, beside = package / "configs", package.parent / "configs"
    return (inside,) if inside.is_dir() else (beside,)
