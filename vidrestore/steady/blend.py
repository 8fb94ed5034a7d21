"""Blends each restored crop with the previous results and, where its face stands, with later ones.

A running mean over the frames so far is restless as long as it holds few of them. So frames are
held back for a while, and a face whose crop has stood still since gets what is known of it at the
end of that while, where the source still shows the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from vidrestore.datatypes import AlignedFrame, RestoredFrame
from vidrestore.steady.flow import Flow
from vidrestore.steady.memory import Gate, Memory


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """A frame that waits, and what was known of its faces (by track id) after it."""

    aligned: AlignedFrame
    known: dict[int, Memory]


class Steady:
    """Holds restored faces still.

    A ``Stage[RestoredFrame, RestoredFrame]``, one out for each in, ``lookahead`` frames later. A
    track that misses a frame, and every track at a shot's start, begins anew; nothing of a later
    shot comes into one before.

    Args:
        blend: greatest weight of the previous results, where nothing changed, 0 (off) to below 1.
        tolerance: change of the low-passed source beyond what is usual on the track, in 8-bit
            levels, that halves the weight.
        lookahead: frames that are held back.
    """

    def __init__(self, blend: float = 0.98, tolerance: float = 6.0, lookahead: int = 8) -> None:
        if not 0 <= blend < 1 or tolerance <= 0 or lookahead < 0:
            raise ValueError(
                f"blend {blend} must be in [0, 1), tolerance {tolerance} positive "
                f"and lookahead {lookahead} must be 0 or more"
            )
        self._gate = Gate(blend, tolerance)
        self._lookahead = lookahead
        self._held: deque[_Held] = deque()
        self._known: dict[int, Memory] = {}
        self._flow = Flow()

    def push(self, item: RestoredFrame, /) -> Iterable[RestoredFrame]:
        """Take a frame; give the one ``lookahead`` before it, or the rest of the shot before."""
        if self._gate.blend == 0:
            yield item
            return
        if item.aligned.shot_start:
            yield from self.flush()
        self._known = self._after(item)
        self._held.append(_Held(item.aligned, self._known))
        if len(self._held) > self._lookahead:
            yield self._release()

    def flush(self) -> Iterable[RestoredFrame]:
        """The rest of the last shot."""
        while self._held:
            yield self._release()
        self._known = {}

    def _after(self, item: RestoredFrame) -> dict[int, Memory]:
        """What is known of a frame's faces once it has been seen."""
        crops = item.aligned.crops
        known = {}
        for index, face in enumerate(item.aligned.faces):
            present = self._gate.first(
                crops.pixels[index], item.pixels[index], crops.crop_from_frame[index]
            )
            earlier = self._known.get(face.track_id)
            if earlier is not None:
                present = self._gate.followed(earlier, present, self._flow)
            known[face.track_id] = present
        return known

    def _release(self) -> RestoredFrame:
        """The frame that has waited longest."""
        held = self._held.popleft()
        pixels, small = np.empty_like(held.aligned.crops.pixels), []
        if not held.known:
            return RestoredFrame(held.aligned, pixels)
        for index, (track_id, memory) in enumerate(held.known.items()):
            later, steps = self._latest(track_id, memory)
            if steps:
                later = self._gate.foreseen(memory, later, steps, self._flow)
            pixels[index] = later.picture(pixels.dtype)
            small.append(later.small)
        return RestoredFrame(held.aligned, pixels, np.stack(small))

    def _latest(self, track_id: int, memory: Memory) -> tuple[Memory, int]:
        """What is known after the last frame that waits and up to which the crop has stood still.

        Returns:
            That, and how many frames later it is known.
        """
        place = memory.crop_from_frame
        for steps, held in enumerate(self._held):
            later = held.known.get(track_id)
            if later is None or not np.array_equal(later.crop_from_frame, place):
                return memory, steps
            memory = later
        return memory, len(self._held)
