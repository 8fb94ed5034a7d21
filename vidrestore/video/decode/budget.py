"""How much a file may decode to: a few kilobytes can hold days of work."""

from __future__ import annotations

import os
from fractions import Fraction

import av

from vidrestore.errors import InputError
from vidrestore.video.facts.media import Picture

GIGAPIXEL = 1_000_000_000


class Budget:
    """Counts the pixels that one pass over a file decodes.

    Args:
        limit: thousands of millions of pixels; None for any number.
        path: of the file, for messages.
    """

    def __init__(self, limit: float | None, path: str | os.PathLike[str]) -> None:
        self._allowed = limit
        self._limit = None if limit is None else round(limit * GIGAPIXEL)
        self._path = os.fspath(path)
        self._spent = 0

    def claimed(self, kind: Picture, frames: int | None) -> None:
        """Refuse a file whose header promises too much; what it is silent about is found later.

        Raises:
            InputError: if the promise is above the limit.
        """
        pixels = kind.width * kind.height * (frames or 0)
        if self._limit is not None and pixels > self._limit:
            raise self._refusal(f"claims {frames} frames with {pixels / GIGAPIXEL:.3g} gigapixels")

    def take(self, picture: av.VideoFrame, time: Fraction | None) -> None:
        """Count one picture of this time, seconds.

        Raises:
            InputError: if it is one too many.
        """
        self._spent += picture.width * picture.height
        if self._limit is not None and self._spent > self._limit:
            where = "" if time is None else f" from {float(time):.3f} s on"
            raise self._refusal(f"holds too many pixels{where}")

    def _refusal(self, what: str) -> InputError:
        return InputError(
            f"{self._path} {what}: input.max_gigapixels allows {self._allowed:g}; raise it, or "
            "restore a part with start and end"
        )
