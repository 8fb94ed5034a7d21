"""What a check of ``vidrestore doctor`` finds."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import NamedTuple


class Finding(NamedTuple):
    """One line of the doctor's.

    Attributes:
        subject: what was looked at.
        text: what was found, and for a problem what to do.
        problem: whether it keeps videos from being restored.
    """

    subject: str
    text: str
    problem: bool = False


def imported(name: str, remedy: str) -> ModuleType | Finding:
    """A module, or why it cannot be loaded."""
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Finding(name, f"cannot be loaded ({reason}); {remedy}", True)
