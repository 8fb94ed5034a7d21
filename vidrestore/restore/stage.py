"""The stage that gathers the faces of several frames into full batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from vidrestore.datatypes import AlignedFrame, Image, RestoredFrame
from vidrestore.picture.resample import sized
from vidrestore.stages import AsyncRestorer, Pending, Restorer


class _Group(NamedTuple):
    """Frames whose faces are restored together; ``pending`` is None where they have none."""

    frames: list[AlignedFrame]
    shown: list[list[Image]]
    pending: Pending | None


class BatchedRestore:
    """AlignedFrame in, RestoredFrame out, in order.

    Frames are held until their faces fill a batch, or until ``max_frames`` wait, so that memory
    stays bounded where faces are rare. While a batch is gathered, as many as the restorer asks for
    (``ahead``) are under way, so at most ``(ahead + 1) * (max_frames + 1)`` frames are held. How
    faces fall into batches changes no result. Crops of another size than the restorer's are brought
    to it. Frames that are only looked at (``Frame.role`` "context") end here.

    Args:
        restorer: restores the crops.
        batch: faces to gather.
        max_frames: frames that may wait for a batch; None is as many as ``batch``.
    """

    memory: Final = 0

    def __init__(self, restorer: Restorer, batch: int, max_frames: int | None = None) -> None:
        if batch < 1:
            raise ValueError(f"a batch of {batch}; at least 1")
        self._restorer, self._batch = working_ahead(restorer), batch
        self._max_frames = batch if max_frames is None else max_frames
        self.latency = (self._restorer.ahead + 1) * (self._max_frames + 1)
        self._waiting: list[AlignedFrame] = []
        self._faces = 0
        self._under_way: deque[_Group] = deque()

    def push(self, item: AlignedFrame, /) -> Iterable[RestoredFrame]:
        """Take a frame; begin a batch once it is full, and give what is no longer to be held.

        What went wrong in a batch is raised in the place of its first frame.
        """
        if item.frame.role == "context":
            return ()
        self._waiting.append(item)
        self._faces += len(item.crops)
        idle = self._faces == 0 and not self._under_way  # nothing to gather or to wait for
        if idle or self._faces >= self._batch or len(self._waiting) > self._max_frames:
            self._begin()
        return self._restored(self._restorer.ahead)

    def flush(self) -> Iterable[RestoredFrame]:
        """Restore what is still held."""
        if self._waiting:
            self._begin()
        return self._restored(0)

    def _begin(self) -> None:
        """Hand everything that waits to the restorer."""
        frames, self._waiting, self._faces = self._waiting, [], 0
        size = self._restorer.size
        shown = [[sized(crop, size) for crop in frame.base] for frame in frames]
        crops = list(chain.from_iterable(shown))
        pending = self._restorer.submit(np.stack(crops)) if crops else None
        self._under_way.append(_Group(frames, shown, pending))

    def _restored(self, leaving: int) -> Iterator[RestoredFrame]:
        """All groups but the last ``leaving``, and those before which there is nothing to await."""
        groups = []
        while self._under_way and (
            len(self._under_way) > leaving or self._under_way[0].pending is None
        ):
            groups.append(self._under_way.popleft())
        return chain.from_iterable(map(_results, groups))


def _results(group: _Group) -> Iterator[RestoredFrame]:
    pixels = iter(() if group.pending is None else group.pending())
    for frame, shown in zip(group.frames, group.shown, strict=True):
        yield RestoredFrame(frame, shown, [next(pixels) for _ in shown])


class AtOnce:
    """A restorer that answers when asked, behind the protocol of one that works ahead.

    Args:
        restorer: restores the crops, when their result is asked for.
    """

    ahead = 0

    def __init__(self, restorer: Restorer) -> None:
        self._restorer = restorer

    @property
    def size(self) -> int:
        """Side of the crops it takes, in pixels."""
        return self._restorer.size

    def restore(self, crops: Image, /) -> Image:
        """As the restorer does."""
        return self._restorer.restore(crops)

    def submit(self, crops: Image, /) -> Pending:
        """Restore these crops later."""
        return partial(self._restorer.restore, crops)


def working_ahead(restorer: Restorer) -> AsyncRestorer:
    """The restorer itself if it works ahead, else an adapter that has nothing under way."""
    return restorer if isinstance(restorer, AsyncRestorer) else AtOnce(restorer)
