"""Text from outside, made fit for a terminal, a log or a page.

A title, a file's name or a tensor's may hold characters that move the cursor, colour or forge whole
lines, or turn the direction of what follows (https://trojansource.codes). They are shown escaped.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

# Control, format (direction overrides, zero-width), line and paragraph separators, lone surrogates.
_UNFIT = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))
# Quick to look for; all of Python's "printable" but these is fit, and of the rest only the above is
# escaped, so that an ideographic space stays one.
_SUSPECT = re.compile(r"[^\x20-\x7e]")
MOST_SHOWN = 200
"""Characters of one value that a message shows."""
_LONG_NUMBER = 128


def escaped(text: str) -> str:
    r"""Text on one line: what is no visible character becomes ``\n``, ``\x1b``, ``\u202e``."""
    return _SUSPECT.sub(_escape, text)


def escaped_json(text: str) -> str:
    r"""JSON in which the same characters are escaped as JSON does it; its value stays the same."""
    return _SUSPECT.sub(_escape_json, text)


def shown(value: object, most: int = MOST_SHOWN) -> str:
    """A value from a file as a message may show it: cut first, then escaped, never followed inside.

    Args:
        value: text, paths and plain numbers are shown; of anything else only what kind of thing it
            is, as writing out a value that a file describes may take for ever.
        most: characters that are shown.
    """
    if isinstance(value, bytes):
        value = value[: most + 1].decode("latin-1")
    if isinstance(value, PurePath):
        value = str(value)
    if isinstance(value, str):
        return escaped(value if len(value) <= most else f"{value[:most]}...")
    if value is None or isinstance(value, bool | float):
        return str(value)
    if isinstance(value, int):
        bits = value.bit_length()
        return str(value) if bits <= _LONG_NUMBER else f"a number of {bits} bits"
    return f"a {type(value).__name__.lower()}"


def quoted(value: object, most: int = MOST_SHOWN) -> str:
    """As :func:`shown`, text in quotes, so that one sees where it begins and ends."""
    text = shown(value, most)
    if not isinstance(value, str | bytes | PurePath):
        return text
    return f'"{text}"' if "'" in text and '"' not in text else f"'{text}'"


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if unicodedata.category(character) not in _UNFIT:
        return character
    return character.encode("unicode_escape").decode("ascii")


def _escape_json(match: re.Match[str]) -> str:
    character = match[0]
    if character == "\n" or unicodedata.category(character) not in _UNFIT:
        return character
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
