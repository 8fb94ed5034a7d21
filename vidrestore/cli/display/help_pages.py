"""How help pages look: plain text in two columns, without boxes, at any width."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclopts.help import HelpEntry, HelpPanel
    from rich.console import Console, ConsoleOptions

_INDENT = 2
_NARROW, _WIDE = 12, 26


class HelpPage:
    """A ``HelpFormatter`` of the parser's."""

    def render_usage(self, console: Console, options: ConsoleOptions, usage: Any) -> None:
        """The line that shows how to call it."""
        del options
        text = getattr(usage, "plain", str(usage)).strip()
        _print(console, text if text.startswith("Usage") else f"Usage: {text}")
        _print(console, "")

    def render_description(self, console: Console, options: ConsoleOptions, text: Any) -> None:
        """What it does, a paragraph each."""
        del options
        for paragraph in _text(text, console).split("\n\n"):
            _print(console, _wrapped(paragraph, console.width))
            _print(console, "")

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """A titled list of commands or options."""
        del options
        if not panel.entries:
            return
        _print(console, _wrapped(f"{_text(panel.title, console)}:", console.width))
        rows = [
            (_label(entry), " ".join(_text(entry.description, console).split()))
            for entry in panel.entries
        ]
        longest = max(len(label) for label, _ in rows if len(label) <= _WIDE or len(rows) == 1)
        column = min(max(longest, _NARROW), _WIDE) + _INDENT * 2
        for label, text in rows:
            lines = textwrap.wrap(
                text, max(20, console.width - column - 1), break_on_hyphens=False
            ) or [""]
            head = " " * _INDENT + label
            if len(head) + _INDENT > column:
                _print(console, head)
                head = ""
            _print(console, f"{head:<{column}}{lines[0]}".rstrip())
            for line in lines[1:]:
                _print(console, " " * column + line)
        _print(console, "")


def _label(entry: HelpEntry) -> str:
    """Short names first, as everywhere: "-y, --overwrite"."""
    if entry.positional_label:
        return entry.positional_label
    names = ", ".join((*entry.positive_shorts, *entry.positive_names))
    return f"{names} {entry.metavar}" if entry.metavar else names


def _text(value: Any, console: Console) -> str:
    if value is None:
        return ""
    plain = getattr(value, "plain", None)
    if plain is None and not isinstance(value, str):
        with console.capture() as captured:
            console.print(value, end="", markup=False, highlight=False)
        plain = captured.get()
    return str(value if plain is None else plain).strip()


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(" ".join(text.split()), width - 1, break_on_hyphens=False))


def _print(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
