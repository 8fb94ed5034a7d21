"""The part of a video that is restored by itself, and the frames around it that it needs to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

from vidrestore.datatypes import Role


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, seconds of the file's clock; None is the file's beginning or its end."""

    begin: Fraction | None = None
    end: Fraction | None = None

    def holds(self, time: Fraction | None) -> bool:
        """Whether a frame of that time lies in it; what has no time lies at the beginning."""
        if time is None:
            return self.begin is None
        return (self.begin is None or time >= self.begin) and (self.end is None or time < self.end)

    def as_list(self) -> list[str | None]:
        """Both times, as JSON can hold them."""
        return [_text(self.begin), _text(self.end)]

    @classmethod
    def from_list(cls, data: Sequence[str | None]) -> Self:
        """The span that ``as_list`` gave."""
        begin, end = map(_time, data)
        return cls(begin, end)


EVER = Span()


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of frames whose result depends on nothing but the frames of ``context``.

    Attributes:
        number: position among the segments of a job, from 0.
        result: when the frames lie that it gives.
        beside: when the frames lie that are restored, as their results are blended into those of
            ``result``.
        context: when the frames lie that are looked at.
        last: time of the last frame of ``result``; None in the last segment.
        before: time of the last frame in front of ``result``; None in the first segment.
        landing: time of the keyframe from which the file is decoded; None decodes it from its
            beginning.
        frames: packets of pictures in ``result``.
    """

    number: int = 0
    result: Span = EVER
    beside: Span = EVER
    context: Span = EVER
    last: Fraction | None = None
    before: Fraction | None = None
    landing: Fraction | None = None
    frames: int | None = None

    def role(self, time: Fraction) -> Role:
        """What a frame of ``context`` is there for."""
        if self.result.holds(time):
            return "result"
        return "beside" if self.beside.holds(time) else "context"

    def as_dict(self) -> dict[str, object]:
        """What JSON can hold; ``from_dict`` reads it."""
        return {
            "number": self.number,
            "result": self.result.as_list(),
            "beside": self.beside.as_list(),
            "context": self.context.as_list(),
            "last": _text(self.last),
            "before": _text(self.before),
            "landing": _text(self.landing),
            "frames": self.frames,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The segment that ``as_dict`` gave.

        Raises:
            KeyError: something is missing.
            ValueError: something is no time.
            TypeError: likewise.
        """
        return cls(
            number=data["number"],
            result=Span.from_list(data["result"]),
            beside=Span.from_list(data["beside"]),
            context=Span.from_list(data["context"]),
            last=_time(data["last"]),
            before=_time(data["before"]),
            landing=_time(data["landing"]),
            frames=data["frames"],
        )


WHOLE = Segment()
"""All frames, with nothing around them."""


def _text(time: Fraction | None) -> str | None:
    return None if time is None else str(time)


def _time(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)
