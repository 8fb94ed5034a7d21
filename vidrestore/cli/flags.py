"""Command-line flags for the options of config/: each section a group, each option a flag."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from cyclopts import Group, Parameter
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from vidrestore.cli.words import words_of
from vidrestore.config import Config
from vidrestore.config.messages import allowed, sections
from vidrestore.config.moved import MOVED
from vidrestore.errors import ConfigError
from vidrestore.text.escaping import quoted

_JOIN = "__"
_SHOWN = Parameter(show=True)


def option_flags(
    *names: str, shown: bool = True
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Replace a command's ``**options`` by one ``--section.option VALUE`` flag per option.

    The values stay text: the models in config/ convert and check them, so that a flag, a preset
    and a call from Python are refused in the same words.

    Args:
        names: the sections to offer; none means all.
        shown: whether all of the command's own parameters stand in its short help.
    """

    def extend(command: Callable[..., int]) -> Callable[..., int]:
        signature = inspect.signature(command)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        if shown:
            hints = get_type_hints(command, include_extras=True)
            seen = {p.name: _shown(hints.get(p.name, p.annotation)) for p in own}
            # The parser reads a function's own hints first.
            command.__annotations__ |= seen
            own = [p.replace(annotation=seen[p.name]) for p in own]
        command.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*own, *_parameters(names)]
        )
        return command

    return extend


def field_flags(
    model: type[BaseModel], group: Group
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add one ``--option VALUE`` flag per option of a section that is no part of ``Config``."""

    def extend(command: Callable[..., int]) -> Callable[..., int]:
        signature = inspect.signature(command)
        given = list(signature.parameters.values())
        rest = [p for p in given if p.kind is p.VAR_KEYWORD]
        own = [p for p in given if p.kind is not p.VAR_KEYWORD]
        added = [
            inspect.Parameter(
                option,
                inspect.Parameter.KEYWORD_ONLY,
                default=None,
                annotation=Annotated[
                    str | None,
                    Parameter(
                        name=f"--{option.replace('_', '-')}",
                        group=group,
                        help=described(field),
                        metavar="VALUE",
                        negative=(),
                        show_default=False,
                    ),
                ],
            )
            for option, field in model.model_fields.items()
        ]
        command.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*own, *added, *rest]
        )
        return command

    return extend


def _shown(hint: Any) -> Any:
    """A parameter's type and description, to be shown in any help."""
    kind, described_by = get_args(hint)
    return Annotated[kind, Parameter.combine(described_by, _SHOWN)]


def _parameters(names: tuple[str, ...]) -> list[inspect.Parameter]:
    """One keyword-only parameter per option, described by the model."""
    found = []
    for place, (section, model) in enumerate(sections(Config).items()):
        if names and section not in names:
            continue
        title = f"{section}: {(model.__doc__ or '').rstrip('.').lower()}"
        group = Group(title, sort_key=10 + place)
        for option, field in model.model_fields.items():
            pairs = _holds_pairs(field)
            flag = Parameter(
                name=f"--{section}.{option}",
                group=group,
                help=described(field),
                metavar="NAME=VALUE" if pairs else "VALUE",
                negative=(),
                show_default=False,
                allow_leading_hyphen=True,
            )
            kind: Any = list[str] | None if pairs else str | None
            found.append(_parameter(f"{section}.{option}", Annotated[kind, flag]))
    for old, new in MOVED.items():
        if not names or new.partition(".")[0] in names:
            flag = Parameter(name=f"--{old}", show=False, allow_leading_hyphen=True)
            found.append(_parameter(old, Annotated[str | None, flag]))
    return found


def _parameter(name: str, annotation: object) -> inspect.Parameter:
    """An option that may be left out."""
    return inspect.Parameter(
        name.replace(".", _JOIN),
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=annotation,
    )


def _holds_pairs(field: FieldInfo) -> bool:
    """Whether an option takes NAME=VALUE."""
    return get_origin(field.annotation) is dict


def described(field: FieldInfo) -> str:
    """Meaning, range and default of an option."""
    default = field.get_default(call_default_factory=True)
    standard = "none" if default in (None, {}) else str(default)
    if isinstance(default, bool):
        standard = standard.lower()
    rules = allowed(field)
    choice = "" if rules == "text" else f"{rules}; "
    return f"{field.description} ({choice}default {standard})"


def chosen(options: Mapping[str, str | list[str] | None]) -> dict[str, Any]:
    """The flags that were given, by dotted name, ready for ``Config.with_options``.

    Raises:
        ConfigError: if a NAME=VALUE pair has no "=".
    """
    given: dict[str, Any] = {}
    for key, value in options.items():
        if value is None:
            continue
        name = key.replace(_JOIN, ".", 1)
        given[name] = value if isinstance(value, str) else dict(_pair(name, each) for each in value)
    return given


def tried(text: str, preset: str, given: Mapping[str, Any]) -> Config:
    """The options of one ``--try``: those of the command, some of them replaced.

    Args:
        text: a preset's name in place of ``preset``, then SECTION.OPTION=VALUE any number of times;
            either may be left out; quoted as for a shell.
        preset: of the command.
        given: the command's own flags, which outweigh either preset.

    Raises:
        ConfigError: for what is no preset and no option, or a value that an option does not take.
    """
    words = words_of("--try", text, "is nothing to try; name a preset or SECTION.OPTION=VALUE")
    if "=" not in words[0]:
        preset, *words = words
    options = dict(given)
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise ConfigError(f"--try {quoted(text)}: {quoted(word)} is not SECTION.OPTION=VALUE")
        name = name.removeprefix("--").replace("-", "_")
        section, _, option = name.partition(".")
        model = sections(Config).get(section)
        field = None if model is None else model.model_fields.get(option)
        if field is not None and _holds_pairs(field):
            options[name] = {**options.get(name, {}), **dict([_pair(name, value)])}
        else:
            options[name] = value
    return configure(preset, options)


def _pair(name: str, text: str) -> tuple[str, str]:
    """The two sides of NAME=VALUE."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise ConfigError(f"--{name} {quoted(text)} is not NAME=VALUE, such as tune=film")
    return key, value


def configure(preset: str, given: Mapping[str, Any]) -> Config:
    """Defaults, then the preset, then the flags.

    Raises:
        ConfigError: for an unknown preset or a value that an option does not take.
    """
    return Config.preset(preset).with_options(given, origin="flag")
