"""Blends each restored crop with the results before it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import RestoredFrame
from vidrestore.steady.flow import bring
from vidrestore.steady.slow import detail_of, joined, mixed

Float32 = NDArray[np.float32]


class Steady:
    """Holds restored faces still, where their sources were found to be the same.

    A ``Stage[RestoredFrame, RestoredFrame]``, one out for each in. What it goes by is in
    ``aligned.calm``; a frame without passes as it is. A face gets the share of the results before
    it that its source had of the sources before; what restorers make of one picture that moves by
    parts of a pixel differs more than the pictures do.
    """

    def __init__(self) -> None:
        self._known: dict[int, Float32] = {}

    def push(self, item: RestoredFrame, /) -> Iterable[RestoredFrame]:
        """The frame with blended faces."""
        aligned = item.aligned
        before = {} if aligned.shot_start else self._known
        self._known = {}
        if aligned.calm is None or not aligned.faces:
            yield item
            return
        calm, pixels = aligned.calm, np.empty_like(item.pixels)
        for index, face in enumerate(aligned.faces):
            detail = detail_of(item.pixels[index], calm.light[index])
            past, earlier = calm.past[index], before.get(face.track_id)
            if past is not None and earlier is not None:
                detail = mixed(detail, bring(earlier, past.field), past.gain, past.weights)
            self._known[face.track_id] = detail
            pixels[index] = joined(detail, calm.light[index], pixels.dtype)
        yield RestoredFrame(aligned, pixels)

    def flush(self) -> Iterable[RestoredFrame]:
        """Nothing is ever held."""
        self._known = {}
        return ()
