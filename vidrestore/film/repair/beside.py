"""Frames of a shot, each with those before and after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeAlias, TypeVar

Item = TypeVar("Item")
Three: TypeAlias = tuple[Item | None, Item, Item | None]


class Beside(Generic[Item]):
    """Holds each item until the one after it has come.

    It gives ``(before, now, after)`` for each, with None for what another shot would show.
    Latency and memory are one item.
    """

    def __init__(self) -> None:
        self._before: Item | None = None
        self._now: Item | None = None

    def push(self, item: Item, *, shot_start: bool) -> Iterator[Three[Item]]:
        """Take an item; give the one before it, or the rest of the shot before."""
        if shot_start:
            yield from self.flush()
        before, now = self._before, self._now
        self._before, self._now = now, item
        if now is not None:
            yield before, now, item

    def flush(self) -> Iterator[Three[Item]]:
        """The last item of a shot."""
        before, now = self._before, self._now
        self._before = self._now = None
        if now is not None:
            yield before, now, None
