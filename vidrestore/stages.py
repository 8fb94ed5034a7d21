"""Every protocol of the pipeline, on one screen.

A stage adds facts and passes the item on; it neither reaches back nor changes what it was given.
One shape covers look-ahead, batching and delay: ``push`` yields zero or more results, ``flush``
what is still held. State lives in the stage object, so a fresh object is a fresh start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from vidrestore.datatypes import (
    DamageEntry,
    Face,
    Frame,
    FrameFormat,
    Image,
    PictureFacts,
    StreamFate,
)

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)
Pending = Callable[[], Image]
"""Crops on their way: called, it waits for them, then gives them or raises what went wrong."""


class Stage(Protocol[In, Out]):
    """Turns a stream of one kind of item into a stream of another, in order.

    Nothing crosses the start of a shot, and the end of one gives all that is held.
    """

    @property
    def latency(self) -> int:
        """Frames that come after a frame, at most, before its result is given."""
        ...

    @property
    def memory(self) -> int | None:
        """Frames before a frame, at most, that its result depends on; None: those of its shot."""
        ...

    def push(self, item: In, /) -> Iterable[Out]:
        """Take one item; give what is ready."""
        ...

    def flush(self) -> Iterable[Out]:
        """Give what is still held; the stream has ended."""
        ...


class Source(Protocol):
    """Yields the frames of a video in presentation order, each once, and knows what it is.

    Damage, description and warnings are of what was read so far, and whole at the end.
    """

    @property
    def format(self) -> FrameFormat:
        """Of every frame."""
        ...

    @property
    def duration(self) -> Fraction | None:
        """Seconds that the frames will cover, as far as that is known beforehand."""
        ...

    @property
    def frame_estimate(self) -> int | None:
        """About how many frames there will be; None if nothing is known."""
        ...

    @property
    def description(self) -> PictureFacts:
        """How the pictures are understood, and what was done to them."""
        ...

    @property
    def damage(self) -> Sequence[DamageEntry]:
        """What was wrong with the file."""
        ...

    @property
    def warnings(self) -> Sequence[str]:
        """What the user should know of it, one line each."""
        ...

    def __iter__(self) -> Iterator[Frame]: ...

    def close(self) -> None:
        """Release the file; safe to call twice."""
        ...


class Sink(Protocol):
    """Takes frames in order; the result appears under its name only on ``finish``."""

    def push(self, frame: Frame, /) -> None:
        """Write one frame."""
        ...

    def finish(self) -> None:
        """Write what is held, close, and publish the result whole."""
        ...

    def abort(self) -> None:
        """Give up: close and leave nothing behind; safe to call at any time, and twice."""
        ...


class ResultSink(Sink, Protocol):
    """The sink of a whole result, which tells what became of all that its source has."""

    @property
    def streams(self) -> Sequence[StreamFate]:
        """What becomes of each stream of the source, in the file's order."""
        ...

    @property
    def damage(self) -> Sequence[DamageEntry]:
        """What was wrong with streams that were copied."""
        ...

    @property
    def warnings(self) -> Sequence[str]:
        """What could not be kept, one line each; complete after ``finish``."""
        ...

    @property
    def no_report(self) -> str:
        """Why no report can be attached, a line; empty where one can."""
        ...

    def mark(self, tags: Mapping[str, str], room: int = 0) -> None:
        """Have the result tell more than its source does; before any frame.

        Args:
            tags: by name.
            room: bytes for a report that ``attach`` brings later; 0 for none.
        """
        ...

    def attach(self, report: Callable[[Path], bytes]) -> None:
        """Have a report made in ``finish`` and put into the room that was taken for it.

        Args:
            report: makes it, not longer than its room, of the file that is whole but for that.
        """
        ...


class Resizer(Protocol):
    """Gives frames at the result's size."""

    @property
    def format(self) -> FrameFormat:
        """Of the result."""
        ...

    def __call__(self, frame: Frame, /) -> Frame:
        """The same moment."""
        ...


class Detector(Protocol):
    """Finds faces; keeps no state between calls."""

    def detect(self, images: Sequence[Image], /) -> list[tuple[Face, ...]]:
        """Faces of each (h, w, 3) uint8 RGB image, in that image's pixel coordinates."""
        ...


class Restorer(Protocol):
    """Restores face crops; each result depends on its own crop alone."""

    @property
    def size(self) -> int:
        """S, the side of the crops it takes, in pixels."""
        ...

    def restore(self, crops: Image, /) -> Image:
        """(N, S, S, 3) RGB uint8 or uint16 in; the same shape and type out."""
        ...


@runtime_checkable
class AsyncRestorer(Restorer, Protocol):
    """A restorer that takes further crops while earlier ones are still on their way."""

    @property
    def ahead(self) -> int:
        """Batches worth having under way while the next one is gathered; 0 or more."""
        ...

    def submit(self, crops: Image, /) -> Pending:
        """As ``restore``, without waiting; results may be asked for in any order, each once."""
        ...
