"""Presets: TOML files of options, the package's own and the user's."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path
from typing import Any

from vidrestore.errors import ConfigError
from vidrestore.text.escaping import escaped, quoted, shown
from vidrestore.text.nearest import nearest

# The longest preset, default.toml with all its comments, has a sixth of it.
_MOST_BYTES = 1 << 17
# No line holds more than a key and its value; keys of thousands of parts take minutes to read.
_LONGEST_LINE = 2000


def preset_names() -> tuple[str, ...]:
    """Names of the presets that come with vidrestore, "default" first."""
    names = {file.stem for folder in _preset_folders() for file in folder.glob("*.toml")}
    return tuple(sorted(names, key=lambda name: (name != "default", name)))


def preset_purpose(name: str) -> str:
    """What a preset that comes with vidrestore is for, in a plain sentence: its first line."""
    with preset_file(name).open(encoding="utf-8") as file:
        return file.readline().lstrip("# ").removeprefix(f"{name}: ").strip()


def preset_file(name: str | Path) -> Path:
    """The file of a preset that comes with vidrestore, or the file that is named.

    Args:
        name: one of ``preset_names()``, or the path of a TOML file, which need not exist yet.

    Raises:
        ConfigError: if it is neither.
    """
    text = str(name)
    if "\0" in text:
        raise ConfigError(f"{quoted(text)} is no preset and no file's name")
    if text in preset_names():
        return next(found for f in _preset_folders() if (found := f / f"{text}.toml").is_file())
    if isinstance(name, Path) or text.endswith(".toml") or _is_file(text):
        return Path(text)
    known = preset_names()
    raise ConfigError(
        f"there is no preset {quoted(text)}{nearest(text, known)}; choose {', '.join(known)} or "
        "name a .toml file"
    )


def read_preset(path: str | Path) -> dict[str, Any]:
    """What a preset's file holds, not checked yet.

    Raises:
        ConfigError: if the file cannot be read or is not TOML.
    """
    file = escaped(str(path))
    try:
        text = _read(path)
    except OSError as error:
        raise ConfigError(f"cannot read the preset {file}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"the preset {file} is not valid TOML: {error}") from error
    try:
        return tomllib.loads(text)
    except ValueError as error:
        reason = shown(str(error))
        raise ConfigError(f"the preset {file} is not valid TOML: {reason}") from error
    except RecursionError as error:
        raise ConfigError(f"the preset {file} is nested too deep for options") from error


def _read(path: str | Path) -> str:
    """The text of a file of a sane kind, length and form; opened without waiting for a pipe."""
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    mode = os.fstat(number).st_mode
    if not stat.S_ISREG(mode):
        os.close(number)
        raise ValueError("it is a directory" if stat.S_ISDIR(mode) else "it is no regular file")
    with os.fdopen(number, "rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"it is longer than {_MOST_BYTES} bytes")
    # Editors on Windows begin UTF-8 with a mark.
    text = content.decode("utf-8-sig").replace("\r\n", "\n")
    if any(len(line) > _LONGEST_LINE for line in text.split("\n")):
        raise ValueError(f"a line has more than {_LONGEST_LINE} characters")
    return text


def _is_file(text: str) -> bool:
    """Whether something that is no folder has this name, be it a pipe."""
    try:
        return not Path(text).is_dir() and Path(text).exists()
    except OSError:  # too long for a name
        return False


def _preset_folders() -> tuple[Path, ...]:
    """Inside the package when installed from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside, beside = package / "configs", package.parent / "configs"
    return (inside,) if inside.is_dir() else (beside,)
