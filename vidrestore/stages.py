"""Every protocol of the pipeline, on one screen.

A stage adds facts and passes the item on; it neither reaches back nor changes what it was given.
One shape covers look-ahead, batching and delay: ``push`` yields zero or more results, ``flush``
what is still held. State lives in the stage object, so a fresh object is a fresh start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from vidrestore.datatypes import Face, Frame, FrameFormat, Image

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
    """Yields the frames of a video in presentation order, each once."""

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
