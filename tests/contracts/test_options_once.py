"""An option's default stands in config/ alone: no stage brings another one along."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import vidrestore
from vidrestore.config import Config
from vidrestore.config.messages import sections

PACKAGE = Path(vidrestore.__file__).parent
OPTIONS = {option for model in sections(Config).values() for option in model.model_fields}
STAGES = ("align", "detect", "film", "paste", "restore", "temporal", "track", "video")


READERS = {("video/source.py", "strict")}
"""A file may be read without a job and its options; nothing is refused then."""


def defaults(function: ast.FunctionDef) -> Iterator[tuple[str, object]]:
    """Names of parameters with a default that is written out, and the default."""
    arguments = function.args
    plain = arguments.posonlyargs + arguments.args
    first = len(plain) - len(arguments.defaults)
    pairs = [*zip(plain[first:], arguments.defaults, strict=True)]
    pairs += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d]
    for argument, default in pairs:
        if isinstance(default, ast.Constant) and default.value is not None:
            yield argument.arg, default.value


def found(source: str, known: frozenset[str] | set[str] = frozenset()) -> list[str]:
    """What a file says of options a second time."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return [
        f"{function.name}({name}={value!r})"
        for function in functions
        for name, value in defaults(function)
        if name in OPTIONS - known
    ]


@pytest.mark.parametrize("folder", STAGES)
def test_no_parameter_of_an_options_name_has_a_default_of_its_own(folder):
    for file in sorted((PACKAGE / folder).rglob("*.py")):
        path = file.relative_to(PACKAGE).as_posix()
        known = {name for reader, name in READERS if reader == path}
        assert found(file.read_text(), known) == [], path


def test_such_a_default_would_be_found():
    assert found("def f(self, size, *, lookahead=8, frames=3): ...") == ["f(lookahead=8)"]
    assert found("def f(lookahead, model=None): ...") == []
