"""What is shown, written down: pieces of videos beside each other, one after the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import get_args

from vidrestore.datatypes import Image
from vidrestore.errors import ConfigError, Interrupted
from vidrestore.job.showing.panels import Layout, arranged
from vidrestore.job.showing.shown_frames import ShownFrame, followed, shown_frames, square
from vidrestore.text.escaping import quoted
from vidrestore.video import PlainVideo, VideoSource

# Players and encoders of any device take as much.
_WIDEST = 3840
# Seconds that the last picture of a piece is shown where there is no other to tell.
_STEP = Fraction(1, 25)


class Page:
    """A video that shows several others.

    Args:
        video: where to write; ``finish`` is left to the caller.
        names: what is shown under which name.
        layout: how.

    Attributes:
        picture: (h, w, 3) uint8 RGB of the moment that was wanted last, in full size; None so far.

    Raises:
        ConfigError: there is no such layout.
    """

    def __init__(self, video: PlainVideo, names: Sequence[str], layout: Layout) -> None:
        if layout not in get_args(Layout):
            raise ConfigError(f"layout is {quoted(layout)}, but must be side or split")
        self._video, self._names, self._layout = video, names, layout
        self._begin = Fraction(0)
        self.picture: Image | None = None

    def show(
        self, sources: Sequence[VideoSource], seen: Sequence[ShownFrame], time: Fraction
    ) -> None:
        """Write one moment, so many seconds after the last piece that was ended."""
        view = arranged(_squared(sources, seen), self._names, self._layout, _WIDEST)
        self._video.push(view, self._begin + time)

    def add(
        self,
        sources: Sequence[VideoSource],
        wanted: int | None,
        stop: threading.Event | None = None,
    ) -> None:
        """Write a whole piece.

        Args:
            sources: what is shown; the first one's frames tell when.
            wanted: number of the frame of which ``picture`` is made, the last one if there are
                not so many; None for none.
            stop: set it from anywhere to end early.

        Raises:
            Interrupted: ``stop`` was set.
            OutputError: writing fails.
        """
        leading, *others = (shown_frames(source) for source in sources)
        last, step, full = Fraction(0), _STEP, None
        for number, seen in enumerate(_stoppable(followed(leading, others), stop)):
            time = seen[0].time
            self.show(sources, seen, time)
            if wanted is not None and number <= wanted:
                full = seen
            step, last = (time - last or step), time
        self._begin += last + step
        if full is not None:
            self.picture = arranged(_squared(sources, full), self._names)


def _squared(sources: Sequence[VideoSource], seen: Sequence[ShownFrame]) -> list[Image]:
    return [square(source, sight.picture) for source, sight in zip(sources, seen, strict=True)]


def _stoppable(
    moments: Iterator[tuple[ShownFrame, ...]], stop: threading.Event | None
) -> Iterator[tuple[ShownFrame, ...]]:
    for moment in moments:
        if stop is not None and stop.is_set():
            raise Interrupted("stopped before the end")
        yield moment
