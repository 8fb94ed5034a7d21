"""What was wrong with a file: counted, placed in time, and told in one line per kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import av.error

# What a decoder says of a packet that it cannot use; the next one may be good again.
CONCEALED = (av.error.InvalidDataError, av.error.PatchWelcomeError, av.error.ArgumentError)

Kind = Literal["undecodable", "flagged", "concealed", "repeated", "leading", "untimed", "resized"]

# What each kind is called, for one and for several.
_WORDS: dict[Kind, tuple[str, str]] = {
    "undecodable": ("damaged packet could not be decoded", "damaged packets could not be decoded"),
    "flagged": ("packet arrived damaged or after a gap", "packets arrived damaged or after a gap"),
    "concealed": (
        "damaged frame is shown as the decoder could conceal it",
        "damaged frames are shown as the decoder could conceal them",
    ),
    "repeated": (
        "lost frame is replaced by the one before it",
        "lost frames are replaced by the one before them",
    ),
    "leading": (
        "frame before the first that can be decoded is missing",
        "frames before the first that can be decoded are missing",
    ),
    "untimed": (
        "frame without a usable time stamp, estimated",
        "frames without a usable time stamp, estimated",
    ),
    "resized": (
        "frame of another size or format is scaled to the first one's",
        "frames of another size or format are scaled to the first one's",
    ),
}
# Damage closer together than this, in seconds, is told as one place; so many places are told.
_NEAR, _PLACES = 1, 5
# A header may promise this much more, in seconds, before it is told: sound may outlast pictures.
_LATE = 1
# More packets than any decoder holds back: their time stamps lie.
_MOST_DUE = 4096


@dataclass(slots=True)
class _Tally:
    """How often one kind of damage came, and where: (first, last) seconds of each place."""

    count: int = 0
    places: list[tuple[Fraction, Fraction]] = field(default_factory=list)
    more: bool = False

    def add(self, time: Fraction | None) -> None:
        self.count += 1
        if time is None:
            return
        if self.places and abs(time - self.places[-1][1]) <= _NEAR:
            first, last = self.places[-1]
            self.places[-1] = (min(first, time), max(last, time))
        elif len(self.places) < _PLACES:
            self.places.append((time, time))
        else:
            self.more = True

    def where(self) -> str:
        """The places in words; empty if none is known."""
        told = [_place(first, last) for first, last in self.places]
        if not told:
            return ""
        return f" (at {', '.join(told)}{' and elsewhere' if self.more else ''})"


@dataclass(slots=True)
class Damage:
    """What was wrong with a file so far; times are seconds of the file's own clock.

    Attributes:
        stopped: why reading ended before the file did; None if it did not.
        early: when the pictures ended and what the header promised, seconds; None if they agree.
    """

    stopped: str | None = None
    early: tuple[Fraction, Fraction] | None = None
    _tallies: dict[Kind, _Tally] = field(default_factory=dict)

    def note(self, kind: Kind, time: Fraction | None) -> None:
        """Count one more of a kind, at a time if that is known."""
        self._tallies.setdefault(kind, _Tally()).add(time)

    def count(self, kind: Kind) -> int:
        """How many of a kind there were."""
        return self._tallies[kind].count if kind in self._tallies else 0

    @property
    def serious(self) -> bool:
        """Whether pictures may have been lost."""
        return bool(self.count("undecodable") or self.count("flagged") or self.stopped)

    def ended(self, end: Fraction, promised: Fraction | None) -> None:
        """Compare where the pictures ended with where the header says that they do."""
        if promised is not None and promised - end > _LATE:
            self.early = end, promised

    def warnings(self) -> list[str]:
        """One line per kind of damage."""
        lines = []
        for kind, words in _WORDS.items():
            tally = self._tallies.get(kind)
            if tally is not None:
                lines.append(f"{tally.count} {words[tally.count != 1]}{tally.where()}")
        if self.stopped is not None:
            lines.append(f"the file could not be read to its end: {self.stopped}")
        if self.early is not None:
            end, promised = self.early
            lines.append(
                f"the pictures end at {float(end):.3f} s although the file's header says "
                f"{float(promised):.3f} s; it may be cut off"
            )
        return lines


class Expected:
    """Which pictures should have come: the packets' times that no picture has answered yet.

    Most codecs give one picture per packet. Where pictures are missing although nothing was
    damaged (fields in packets of their own, hidden reference frames), packets tell nothing about
    pictures and no loss is found from then on.
    """

    def __init__(self) -> None:
        self._due: set[int] = set()
        self._reliable = True
        self._begun = False

    def packet(self, pts: int | None) -> None:
        """A packet went into the decoder."""
        if self._reliable and pts is not None:
            self._due.add(pts)
            if len(self._due) > _MOST_DUE:
                self._give_up()

    def lost(self, pts: int | None, *, damaged: bool) -> list[int]:
        """Times before this picture's that no picture came for, ascending.

        Args:
            pts: of the picture that came, in the order of presentation; None if it has none.
            damaged: whether anything was wrong with the stream so far.
        """
        if not self._reliable:
            return []
        if pts is None:
            self._give_up()
            return []
        missing = sorted(due for due in self._due if due < pts)
        self._due = {due for due in self._due if due > pts}
        begun, self._begun = self._begun, True
        if missing and begun and not damaged:
            self._give_up()
            return []
        return missing

    def rest(self) -> list[int]:
        """Times for which no picture had come when the decoder was empty, ascending."""
        missing, self._due = sorted(self._due), set()
        return missing if self._begun else []

    def _give_up(self) -> None:
        self._reliable = False
        self._due.clear()


def _place(first: Fraction, last: Fraction) -> str:
    if last == first:
        return f"{float(first):.3f} s"
    return f"{float(first):.3f} to {float(last):.3f} s"
