"""What restoring one segment gives: its packets lie in a file, this is all else that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np

from vidrestore.datatypes import Points, TrackedFace
from vidrestore.report import Facts
from vidrestore.video import Encoded

# Two faces of the same frame are one if their landmarks are no further apart, in parts of the
# distance between eyes and mouth.
_SAME: Final = 0.6


@dataclass(frozen=True, slots=True)
class Placed:
    """A face of a frame that two segments have in common.

    Attributes:
        track_id: what the segment calls it.
        landmarks: (5, 2) xy px.
    """

    track_id: int
    landmarks: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, face: TrackedFace) -> Self:
        """A face as it is tracked."""
        return cls(face.track_id, tuple((float(x), float(y)) for x, y in face.landmarks))

    def apart(self, other: Placed) -> float:
        """Mean distance between the landmarks of both, in parts of this one's size."""
        own, others = np.array(self.landmarks), np.array(other.landmarks)
        return float(np.linalg.norm(own - others, axis=1).mean() / max(_size(own), 1e-6))


def _size(points: Points) -> float:
    return float(np.linalg.norm(points[3:].mean(axis=0) - points[:2].mean(axis=0)))


@dataclass(frozen=True, slots=True)
class Part:
    """What is known of a restored segment.

    Attributes:
        number: of the segment.
        facts: of its frames and faces.
        frames: frames of the file that it gave.
        decoded: what reading found, as ``Decoded`` gives it.
        encoded: of each result, what is known of its packets.
        warnings: what the restorer has to say, a line each.
        timing: seconds of work by stage.
        head: faces of the last frame before the segment.
        tail: faces of its last frame.
    """

    number: int
    facts: Facts
    frames: int
    decoded: Mapping[str, Any]
    encoded: tuple[Encoded, ...]
    warnings: tuple[str, ...]
    timing: Mapping[str, float]
    head: tuple[Placed, ...] = ()
    tail: tuple[Placed, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """What JSON can hold; ``from_dict`` reads it."""
        return {
            "number": self.number,
            "facts": self.facts.as_dict(),
            "frames": self.frames,
            "decoded": dict(self.decoded),
            "encoded": [[each.parameters, each.captions_lost] for each in self.encoded],
            "warnings": list(self.warnings),
            "timing": dict(self.timing),
            "head": [[face.track_id, face.landmarks] for face in self.head],
            "tail": [[face.track_id, face.landmarks] for face in self.tail],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The part that ``as_dict`` gave.

        Raises:
            KeyError: something is missing.
            TypeError: something is of another kind.
            ValueError: likewise.
        """
        return cls(
            number=data["number"],
            facts=Facts.from_dict(data["facts"]),
            frames=data["frames"],
            decoded=data["decoded"],
            encoded=tuple(Encoded(*each) for each in data["encoded"]),
            warnings=tuple(data["warnings"]),
            timing=data["timing"],
            head=_placed(data["head"]),
            tail=_placed(data["tail"]),
        )


def _placed(rows: Sequence[Any]) -> tuple[Placed, ...]:
    return tuple(Placed(number, tuple((x, y) for x, y in points)) for number, points in rows)


class Joined:
    """Facts of all parts so far; tracks that go on from one to the next keep their number."""

    def __init__(self) -> None:
        self.facts = Facts()
        self._next = 1
        self._tail: tuple[Placed, ...] = ()

    def add(self, part: Part) -> None:
        """Add the part that follows."""
        ids = self._matched(part.head)
        for number in part.facts.track_ids():
            if number not in ids:
                ids[number] = self._next
                self._next += 1
        self.facts.extend(part.facts, ids)
        self._tail = tuple(
            replace(face, track_id=ids[face.track_id]) for face in part.tail if face.track_id in ids
        )

    def _matched(self, head: Sequence[Placed]) -> dict[int, int]:
        """Of tracks that go on from the part before, what they are called; the nearest first."""
        pairs = sorted(
            (
                (before.apart(face), before.track_id, face.track_id)
                for before in self._tail
                for face in head
            ),
        )
        ids: dict[int, int] = {}
        for apart, before, now in pairs:
            if apart <= _SAME and now not in ids and before not in ids.values():
                ids[now] = before
        return ids
