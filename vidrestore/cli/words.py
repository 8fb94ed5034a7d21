"""The words of a call, made fit for the parser and back."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Any

from vidrestore.errors import ConfigError
from vidrestore.text.escaping import quoted

_DOTTED = re.compile(r"^--(?!no-)[a-z]+\.[a-z-]+", re.ASCII)
# The parser takes a lone "-" for an option. No word of a call can hold this character.
_LONE, _STANDARD_INPUT = "\0-", "/dev/stdin"
_TAKES_BOTH = ("restore", "presets")


def for_parser(words: Sequence[str]) -> list[str]:
    """The words of a call as the parser takes them."""
    lone = _LONE if words and words[0] in _TAKES_BOTH else _STANDARD_INPUT
    return [
        lone if word == "-" and not _follows_option(words, place) else _underscored(word)
        for place, word in enumerate(words)
    ]


def typed(value: Any) -> Any:
    """What the parser made of words, or says of them, as those were typed."""
    if isinstance(value, str):
        return value.replace(_LONE, "-")
    if isinstance(value, list | tuple):
        return type(value)(map(typed, value))
    return value


def words_of(flag: str, text: str, empty: str) -> list[str]:
    """The words of an option's value, quoted as for a shell; at least one.

    Args:
        flag: the option, for messages.
        text: its value.
        empty: what is wrong with a value without words, and what to do.

    Raises:
        ConfigError: a quote is not closed, or there is no word.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ConfigError(f"{flag} {quoted(text)}: {str(error).lower()}") from error
    if not words:
        raise ConfigError(f'{flag} "" {empty}')
    return words


def _follows_option(words: Sequence[str], place: int) -> bool:
    """Whether a word is an option's value: it is handed on as it is."""
    return place > 0 and words[place - 1] in ("--report", "-o")


def _underscored(word: str) -> str:
    """``--detect.max-side`` is ``--detect.max_side``, the name in presets and documentation."""
    return _DOTTED.sub(lambda match: "--" + match[0][2:].replace("-", "_"), word)
