"""Who restores the segments of a divided job: this process, or several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from vidrestore.job.segments.journal import Written, packets_of, write_part
from vidrestore.job.segments.part import Part
from vidrestore.job.segments.running import Work, through
from vidrestore.job.segments.store import Store
from vidrestore.report import Progress
from vidrestore.video import Encoding, Segment


@dataclass(frozen=True, slots=True)
class Step:
    """How far a segment is.

    Attributes:
        number: of the segment.
        frames: frames of it that are finished.
        faces: faces written in them.
        taken: frames of it that were read.
    """

    number: int
    frames: int
    faces: int
    taken: int


OnStep = Callable[[Step], None]


class Crew(Protocol):
    """Restores segments, in any order."""

    def restore(self, segments: Sequence[Segment], on_step: OnStep) -> Iterator[Written]:
        """Restore segments, and give each one's files once they have reached the disk.

        Args:
            segments: what is to be done.
            on_step: called now and then, from any thread.

        Raises:
            Interrupted: the job was to stop.
            VidrestoreError: what went wrong, in a line.
        """
        ...

    def close(self) -> None:
        """End whatever is still at work; safe to call twice."""
        ...


class Alone:
    """This process; implements ``Crew``.

    Args:
        work: restores segments.
        encodings: how their frames are encoded, for each result.
        store: where their files go.
    """

    def __init__(self, work: Work, encodings: Sequence[Encoding], store: Store) -> None:
        self._work, self._encodings, self._store = work, encodings, store

    def restore(self, segments: Sequence[Segment], on_step: OnStep) -> Iterator[Written]:
        """One after the other."""
        for segment in segments:
            yield self._one(segment, on_step)

    def _one(self, segment: Segment, on_step: OnStep) -> Written:
        def progress(now: Progress) -> None:
            on_step(Step(segment.number, now.frames_done, now.faces, now.frames_taken))

        def restored(wanted: Segment) -> tuple[Part, Written] | None:
            with self._store.create(packets_of(segment.number)) as packets:
                part = self._work.part(wanted, self._encodings, packets, progress)
                if not self._work.sought_rightly(wanted, part):
                    return None
                return part, write_part(self._store, packets, part)

        # Where a seek led elsewhere the file is decoded from its beginning: slower, never wrong.
        done = restored(segment) or restored(through(segment))
        assert done is not None
        return done[1]

    def close(self) -> None:
        """Nothing is at work."""
