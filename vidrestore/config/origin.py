"""Where the value of an option came from, and what it may do there.

A preset file is passed around and a request comes from a page: both may say how to restore, but not
what to run, what to open and what to write. Who types a flag, or writes a program, may.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from vidrestore.config.encoder_options import ALLOWED, beyond
from vidrestore.config.messages import sections
from vidrestore.errors import ConfigError
from vidrestore.text.escaping import quoted, shown
from vidrestore.text.nearest import nearest

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

OptionOrigin = Literal["default", "preset", "program", "flag", "request"]
"""The defaults, a preset's file, a call from Python, the command line, or a page."""

OUTSIDE: frozenset[OptionOrigin] = frozenset(("preset", "request"))
"""Origins that may configure and not act."""

Reach = Literal["weights", "model", "program", "files", "encoder options"]
"""What an option can reach beyond the work itself.

"weights" names a weight file, "model" a weight file or a name of the catalogue, "program" something
to run, "files" other files to open, "encoder options" whatever an encoder can.
"""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_HASH = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_ENDINGS = (".safetensors", ".pth", ".pt", ".onnx", ".ckpt", ".bin")


@dataclass(frozen=True, slots=True)
class Reaches:
    """Marks an option that reaches beyond the work."""

    what: Reach


def is_weights_hash(text: str) -> bool:
    """Whether a text names weights by ``sha256:`` and 64 lower-case hexadecimal digits."""
    return _HASH.fullmatch(text) is not None


def is_weights_name(text: str) -> bool:
    """Whether a text is a name, as of the catalogue, and no path of a file."""
    return _NAME.fullmatch(text) is not None and not text.endswith(_ENDINGS)


def only_configuring(
    config: type[BaseModel],
    mapping: Mapping[str, Any],
    origin: OptionOrigin,
    where: str,
    folder: Path | None,
) -> dict[str, Any]:
    """The options of somebody else's, paths of weights resolved.

    Args:
        config: the model of all options.
        mapping: ``{section: {option: value}}``, not validated yet.
        origin: where it came from; one of :data:`OUTSIDE`.
        where: said in errors after the option's name, such as " in my.toml".
        folder: that weights may be named below; None if no file may be named.

    Raises:
        ConfigError: an option would run, open or write something; the line says how to allow it.
    """
    known = sections(config)
    allowed: dict[str, Any] = {}
    for section, options in mapping.items():
        allowed[section] = options
        if section not in known or not isinstance(options, Mapping):
            continue  # refused by the models, with what there is instead
        own = allowed[section] = dict(options)
        fields = known[section].model_fields
        for option, value in options.items():
            if option in fields:
                given = _Given(f"{section}.{option}", where, origin, folder)
                own[option] = given.admitted(fields[option], value)
    return allowed


@dataclass(frozen=True, slots=True)
class _Given:
    """One option as somebody else gives it."""

    name: str
    where: str
    origin: OptionOrigin
    folder: Path | None

    def admitted(self, field: FieldInfo, value: object) -> object:
        """The value that the option takes; refuses what acts."""
        reach = next((mark.what for mark in field.metadata if isinstance(mark, Reaches)), None)
        if value == field.get_default(call_default_factory=True):
            return value
        if reach == "encoder options":
            found = beyond(value) if isinstance(value, Mapping) else None
            if found is not None:
                raise self._unasked(found)
        elif reach in ("weights", "model"):
            return self._weights(value, names=reach == "model") if isinstance(value, str) else value
        elif reach is not None or (isinstance(value, str) and not _bounded(field)):
            raise self._refused(value, f"--{self.name}")
        return value

    def _weights(self, value: str, *, names: bool) -> str:
        if is_weights_hash(value) or (names and is_weights_name(value)):
            return value
        if self.folder is None:
            raise self._refused(value, f"--{self.name}")
        folder = Path(os.path.realpath(self.folder))
        try:
            real = Path(os.path.realpath(folder / value))
        except ValueError:  # NUL in a name
            raise ConfigError(
                f"{self.name}{self.where} is {quoted(value)}, which is no file's name"
            ) from None
        if not real.is_relative_to(folder):
            raise ConfigError(
                f"{self.name}{self.where} is {quoted(value)}; a preset names weights in the "
                f"catalogue, as sha256:..., or below its own folder: give the file as --{self.name}"
            )
        return str(folder / value)

    @property
    def _source(self) -> str:
        return "a preset file" if self.origin == "preset" else "a request"

    def _refused(self, value: object, flag: str) -> ConfigError:
        return ConfigError(
            f"{self.name}{self.where} is {quoted(value)}; {self._source} may not name programs, "
            f"files or addresses: if you trust it, give it on the command line with {shown(flag)}"
        )

    def _unasked(self, option: str) -> ConfigError:
        """An option of an encoder is mistyped, or does more than say how to compress."""
        name = option.partition(" ")[0]
        hint = "" if name in ALLOWED else nearest(name, sorted(ALLOWED), likeness=0.75)
        return ConfigError(
            f"{self.name}{self.where} has {quoted(option)}, which {self._source} may not ask of an "
            f"encoder{hint}: if you trust it, give it on the command line with "
            f"--{self.name} NAME=VALUE"
        )


def _bounded(field: FieldInfo) -> bool:
    """Whether an option takes no text, or only one of a few words or of a harmless form."""
    kinds = get_args(field.annotation) or (field.annotation,)
    return str not in kinds or any(getattr(rule, "pattern", None) for rule in field.metadata)
