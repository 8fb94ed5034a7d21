"""What was wrong with a file: counted, placed in time, and reported in words and as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from vidrestore.datatypes import DamageEntry
from vidrestore.video.facts.damage_words import WORDS, Kind
from vidrestore.video.facts.segment import EVER, Span

# Damage closer together than this, in seconds, is one stretch; so many are listed in words, and
# so many are kept at all: what comes after them is counted in the last one.
_NEAR, _STRETCHES, _MOST_STRETCHES = 1, 5, 200
# A header may promise this much more, in seconds, before a warning: sound may outlast pictures.
_LATE = 1


@dataclass(slots=True)
class _Stretch:
    """Some damage in one stretch of time, seconds."""

    first: Fraction | None
    last: Fraction | None
    count: int

    def __str__(self) -> str:
        if self.first is None or self.last is None:
            return ""
        if self.last == self.first:
            return f"{float(self.first):.3f} s"
        return f"{float(self.first):.3f} to {float(self.last):.3f} s"


@dataclass(slots=True)
class _Tally:
    """How often one kind of damage came to one stream, and where."""

    stretches: list[_Stretch] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(stretch.count for stretch in self.stretches)

    def add(self, first: Fraction | None, last: Fraction | None, count: int) -> None:
        here = self.stretches[-1] if self.stretches else None
        if here is None or not (self._near(here, first) or len(self.stretches) == _MOST_STRETCHES):
            self.stretches.append(_Stretch(first, last, count))
            return
        here.count += count
        if first is not None and last is not None:
            here.first = first if here.first is None else min(here.first, first)
            here.last = last if here.last is None else max(here.last, last)

    def _near(self, here: _Stretch, time: Fraction | None) -> bool:
        return here.last == time or (
            here.last is not None and time is not None and abs(time - here.last) <= _NEAR
        )

    def where(self) -> str:
        """The stretches in words; empty if none is known."""
        texts = [text for stretch in self.stretches if (text := str(stretch))]
        if not texts:
            return ""
        more = " and elsewhere" if len(texts) > _STRETCHES else ""
        return f" (at {', '.join(texts[:_STRETCHES])}{more})"


@dataclass(slots=True)
class Damage:
    """What was wrong with a file so far; times are seconds of the file's own clock.

    What lies in parts of a file that were read one by one is brought together by ``as_dict`` and
    ``extend``.

    Attributes:
        stream: index of the stream that is meant where none is named.
        stopped: why reading ended before the file did; None if it did not.
        early: when the pictures ended and what the header promised, seconds; None if they agree.
        short: bytes by which the file is shorter than its own header says; 0 if it is not.
        within: what of the file's time is meant by ``inside``.
        inside: gets what lies there; None if nobody asks.
    """

    stream: int = 0
    stopped: str | None = None
    early: tuple[Fraction, Fraction] | None = None
    short: int = 0
    within: Span = EVER
    inside: Damage | None = None
    _tallies: dict[tuple[Kind, int], _Tally] = field(default_factory=dict)

    def note(
        self,
        kind: Kind,
        time: Fraction | None,
        stream: int | None = None,
        *,
        until: Fraction | None = None,
        count: int = 1,
    ) -> None:
        """Count some more of a kind.

        Args:
            kind: what happened.
            time: when, if that is known.
            stream: index of the stream; None for the one that is restored.
            until: when it was over, if that is another time.
            count: how many.
        """
        if self.inside is not None and self.within.holds(time):
            self.inside.note(kind, time, stream, until=until, count=count)
        key = kind, self.stream if stream is None else stream
        self._tallies.setdefault(key, _Tally()).add(time, time if until is None else until, count)

    def clear(self) -> None:
        """Forget what was found in reading: the file is read anew."""
        self._tallies.clear()
        self.stopped = self.early = None
        if self.inside is not None:
            self.inside.clear()

    def count(self, kind: Kind) -> int:
        """How many of a kind there were, in all streams."""
        return sum(tally.count for (each, _), tally in self._tallies.items() if each == kind)

    @property
    def serious(self) -> bool:
        """Whether pictures may have been lost."""
        lossy: tuple[Kind, ...] = ("undecodable", "flagged", "unread")
        return any(map(self.count, lossy)) or self.stopped is not None

    def ended(
        self, end: Fraction, promised: Fraction | None, slack: Fraction | int = _LATE
    ) -> None:
        """Compare where the pictures ended with where the header says that they do.

        Args:
            end: seconds.
            promised: seconds; None if the header says nothing.
            slack: how much less, in seconds, is no loss.
        """
        if promised is not None and promised - end > slack:
            self.early = end, promised

    @property
    def warnings(self) -> list[str]:
        """One line per kind of damage and stream."""
        lines = [
            f"{tally.count} {_words(kind, tally.count, self._other(stream))}{tally.where()}"
            for (kind, stream), tally in self._sorted()
        ]
        if self.short:
            lines.append(
                f"the file is {self.short} bytes shorter than its own header says; it is cut off"
            )
        if self.stopped is not None:
            lines.append(f"the file could not be read to its end: {self.stopped}")
        if self.early is not None:
            end, promised = self.early
            lines.append(
                f"the pictures end at {float(end):.3f} s although the file's header says "
                f"{float(promised):.3f} s; it may be cut off"
            )
        return lines

    def as_dict(self) -> dict[str, object]:
        """What was noted, ``within`` alone, as data that JSON can hold."""
        return {
            "notes": (self if self.inside is None else self.inside).notes(),
            "stopped": self.stopped,
            "early": None if self.early is None else [str(time) for time in self.early],
        }

    def notes(self) -> list[list[object]]:
        """All that was noted, near ones of a kind as one."""
        return [
            [kind, stream, _text(stretch.first), _text(stretch.last), stretch.count]
            for (kind, stream), tally in self._sorted()
            for stretch in tally.stretches
        ]

    def extend(self, data: Mapping[str, Any]) -> None:
        """Add what ``as_dict`` gave of a later part of the file."""
        for kind, stream, first, last, count in data["notes"]:
            self.note(kind, _time(first), stream, until=_time(last), count=count)
        self.stopped = data["stopped"] or self.stopped
        if data["early"] is not None:
            end, promised = map(Fraction, data["early"])
            self.early = end, promised

    def entries(self) -> list[DamageEntry]:
        """The same as data that JSON can hold, one entry per kind, stream and place.

        ``kind``, ``stream`` (its index), ``count``, ``from`` and ``to`` (seconds, None if
        unknown), ``done``: what was done about it.
        """
        found = [
            _entry(kind, stream, stretch.count, stretch.first, stretch.last, done=WORDS[kind].done)
            for (kind, stream), tally in self._sorted()
            for stretch in tally.stretches
        ]
        kept = "what is there is kept"
        if self.short:
            found.append(_entry("short", None, self.short, None, None, done=kept))
        if self.stopped is not None:
            found.append(_entry("stopped", self.stream, 1, None, None, done=kept))
        if self.early is not None:
            found.append(_entry("early", self.stream, 1, *self.early, done=kept))
        return found

    def _sorted(self) -> list[tuple[tuple[Kind, int], _Tally]]:
        order = list(WORDS)
        return sorted(self._tallies.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))

    def _other(self, stream: int) -> int | None:
        return None if stream == self.stream else stream


def _text(time: Fraction | None) -> str | None:
    return None if time is None else str(time)


def _time(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _words(kind: Kind, count: int, other: int | None) -> str:
    """What happened to so many, in words; ``other``: the stream, if not the restored one."""
    word = WORDS[kind].one if count == 1 else WORDS[kind].many
    if other is None:
        return word
    # Frames are pictures; of other streams there are packets.
    return f"{word.replace('frame', 'packet')}, of stream {other}"


def _entry(
    kind: str,
    stream: int | None,
    count: int,
    first: Fraction | None,
    last: Fraction | None,
    *,
    done: str,
) -> DamageEntry:
    return {
        "kind": kind,
        "stream": stream,
        "count": count,
        "from": None if first is None else float(first),
        "to": None if last is None else float(last),
        "done": done,
    }
