"""The known name that is most like a mistyped one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


def nearest(name: str, known: Iterable[str], prefix: str = "", likeness: float = 0.5) -> str:
    """A hint at the valid name most like ``name``; empty if none is that much like it."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=likeness)
    return f" (did you mean {prefix}{close[0]}?)" if close else ""


def nearest_option(section: str, option: str, known: Sequence[str]) -> str:
    """A hint at the option that is most like a mistyped one: of its section, or of another.

    One of another section must be very much like it, and more so than any of its own.

    Args:
        section: that the option was looked for in.
        option: its name there.
        known: all options, as SECTION.OPTION.
    """
    own = [name.partition(".")[2] for name in known if name.startswith(section + ".")]
    others = {name.partition(".")[2]: name for name in reversed(known)}
    (close,) = difflib.get_close_matches(option, list(others), n=1, cutoff=0.8) or [""]
    if close and close not in own and _likeness(option, close) > _likeness(option, *own):
        return f" (did you mean {others[close]}?)"
    return nearest(option, own, section + ".")


def _likeness(name: str, *known: str) -> float:
    """Of the one that is most like it, 0 to 1."""
    return max((difflib.SequenceMatcher(None, each, name).ratio() for each in known), default=0.0)
