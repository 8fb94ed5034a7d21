"""What is wrong with an option, in one line for the user: its name, its range, its value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, cast, get_args, get_origin

from vidrestore.errors import ConfigError
from vidrestore.text.escaping import quoted, shown
from vidrestore.text.nearest import nearest, nearest_option

if TYPE_CHECKING:  # the command line needs a name's neighbour without waiting for pydantic
    from pydantic import BaseModel, ValidationError
    from pydantic.fields import FieldInfo


def allowed(field: FieldInfo) -> str:
    """What an option takes, in words: "a whole number from 1 to 30"."""
    kind = field.annotation
    if get_origin(kind) is Literal:
        return " or ".join(", ".join(get_args(kind)).rsplit(", ", 1))
    if kind is bool:
        return "true or false"
    if kind in (int, float):
        return _number(kind, field.metadata)
    if get_origin(kind) is dict:
        return "NAME=VALUE pairs"
    return " or ".join(filter(None, map(partial(_each, field), get_args(kind)))) or "text"


def _each(field: FieldInfo, kind: Any) -> str:
    """One of several kinds of value that an option takes, in words; empty for text and none."""
    if get_origin(kind) is Literal:
        return ", ".join(get_args(kind))
    if get_origin(kind) is Annotated:
        return _number(get_args(kind)[0], get_args(kind)[1].metadata)
    return _number(kind, field.metadata) if kind in (int, float) else ""


def _number(kind: Any, rules: Iterable[Any]) -> str:
    """A number and its range, in words."""
    words = "a whole number" if kind is int else "a number"
    bounds = {"ge": " from {:g}", "gt": " above {:g}", "le": " to {:g}", "lt": " to below {:g}"}
    for mark, phrase in bounds.items():
        for rule in rules:
            if hasattr(rule, mark):
                words += phrase.format(getattr(rule, mark))
    return words


def sections(config: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The sections of a configuration by name, in order."""
    found = {}
    for name, field in config.model_fields.items():
        if hasattr(field.annotation, "model_fields"):
            found[name] = cast("type[BaseModel]", field.annotation)
    return found


def unknown(config: type[BaseModel], loc: tuple[Any, ...], where: str) -> ConfigError:
    """No option or section has the name at ``place``, (section,) or (section, option)."""
    known = sections(config)
    section = str(loc[0])
    if section in known:
        options = list(known[section].model_fields)
        if len(loc) < 2:
            return ConfigError(f"{section} is a section; name its option: {', '.join(options)}")
        option = str(loc[1])
        names = [f"{each}.{name}" for each, model in known.items() for name in model.model_fields]
        hint = nearest_option(section, option, names)
        return ConfigError(
            f"there is no option {section}.{shown(option)}{where}{hint}; "
            f"{section} has {', '.join(options)}"
        )
    return ConfigError(
        f"there is no section {quoted(section)} of options{where}{nearest(section, known)}; "
        f"there are {', '.join(known)}"
    )


def check_names(names: Iterable[object], where: str, section: str = "") -> None:
    """Refuse names of options, or of sections, that are no text.

    Args:
        names: as a program gave them.
        where: said after them.
        section: that they are options of; empty for others.

    Raises:
        ConfigError: one is given.
    """
    for name in names:
        if not isinstance(name, str):
            whose = f" of {section}" if section else ""
            raise ConfigError(f"{quoted(name)}{where} is no name of an option{whose}; give text")


def check_numbers(
    config: type[BaseModel], given: Mapping[str, Mapping[str, Any]], where: str
) -> None:
    """Refuse True and False for numbers, which Python, and so the models, take for 1 and 0.

    Raises:
        ConfigError: one is given.
    """
    known = sections(config)
    for section, options in given.items():
        for option, value in options.items():
            field = known[section].model_fields.get(option)
            if isinstance(value, bool) and field is not None and _takes_numbers(field.annotation):
                raise ConfigError(
                    f"{section}.{option}{where} is {value}, but must be {allowed(field)}"
                )


def _takes_numbers(kind: Any) -> bool:
    """Whether an option takes numbers, alone or beside other values, but not True and False."""
    kinds = set(_kinds(kind))
    return not kinds.isdisjoint({int, float}) and bool not in kinds


def _kinds(kind: Any) -> Iterator[Any]:
    """A kind of value and all that it is made of, of unions and of annotated ones."""
    yield kind
    if get_origin(kind) is Annotated:
        yield from _kinds(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for each in get_args(kind):
            yield from _kinds(each)


def explained_field(section: type[BaseModel], error: ValidationError) -> ConfigError:
    """The first problem with a section that is given by flags of its own, as one line."""
    problem = error.errors(include_url=False)[0]
    name = str(problem["loc"][0])
    rules = allowed(section.model_fields[name])
    flag = name.replace("_", "-")
    return ConfigError(f"--{flag} is {quoted(problem['input'])}, but must be {rules}")


def explained(config: type[BaseModel], error: ValidationError, where: str) -> ConfigError:
    """The first problem that pydantic found, as one line."""
    problem = error.errors(include_url=False)[0]
    loc, kind, value = problem["loc"], problem["type"], problem["input"]
    # Of an option that takes values of several kinds, the kind comes after its name.
    name = ".".join(shown(part) for part in loc[:2])
    if kind == "extra_forbidden":
        return unknown(config, loc, where)
    if kind == "value_error":
        return ConfigError(f"{problem['ctx']['error']}{where}")
    if len(loc) < 2:
        return ConfigError(f"{name}{where} must be a section of options, not {quoted(value)}")
    field = sections(config)[str(loc[0])].model_fields[str(loc[1])]
    if get_origin(field.annotation) is dict and len(loc) > 2:
        # One of the pairs; its name may be followed by whether it or its value is wrong.
        pair = f"{name}.{shown(loc[2])}"
        return ConfigError(f'{pair}{where} is {quoted(value)}, but must be text, such as "1"')
    rules, hint = allowed(field), ""
    if kind == "string_pattern_mismatch":
        rules = (field.description or rules).rstrip(".")
    if kind == "literal_error" and get_origin(field.annotation) is Literal:
        hint = nearest(shown(value), get_args(field.annotation))
    return ConfigError(f"{name}{where} is {quoted(value)}, but must be {rules}{hint}")
