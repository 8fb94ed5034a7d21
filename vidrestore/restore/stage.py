"""The stage that gathers the faces of several frames into full batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np

from vidrestore.datatypes import AlignedFrame, RestoredFrame
from vidrestore.stages import Restorer


class BatchedRestore:
    """AlignedFrame in, RestoredFrame out, in order.

    Frames are held until their faces fill a batch, or until ``max_frames`` wait, so that memory
    stays bounded where faces are rare. How faces fall into batches changes no result.

    Args:
        restorer: restores the crops.
        batch: faces to gather.
        max_frames: frames that may wait; None is as many as ``batch``.
    """

    def __init__(self, restorer: Restorer, batch: int, max_frames: int | None = None) -> None:
        if batch < 1:
            raise ValueError(f"a batch of {batch}; at least 1")
        self._restorer, self._batch = restorer, batch
        self._max_frames = batch if max_frames is None else max_frames
        self._waiting: deque[AlignedFrame] = deque()
        self._faces = 0

    def push(self, item: AlignedFrame, /) -> Iterable[RestoredFrame]:
        """Take a frame; give all that wait once their faces fill a batch."""
        self._waiting.append(item)
        self._faces += len(item.crops)
        idle = self._faces == 0  # nothing to gather for: frames without faces go straight on
        if idle or self._faces >= self._batch or len(self._waiting) > self._max_frames:
            return self._restored()
        return ()

    def flush(self) -> Iterable[RestoredFrame]:
        """Restore what is still held."""
        return self._restored()

    def _restored(self) -> Iterator[RestoredFrame]:
        """Restore everything that waits."""
        frames, self._faces = list(self._waiting), 0
        self._waiting.clear()
        crops = [frame.crops.pixels for frame in frames if len(frame.crops)]
        pixels = iter(())
        if crops:
            pixels = iter(self._restorer.restore(np.concatenate(crops)))
        for frame in frames:
            own = [next(pixels) for _ in range(len(frame.crops))]
            yield RestoredFrame(frame, np.stack(own) if own else frame.crops.pixels)
