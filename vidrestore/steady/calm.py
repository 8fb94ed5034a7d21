"""Averages the source of each face over time before it is restored.

A restorer takes noise for what a face shows: it draws other creases on every frame. Shown the mean
of many frames it has less to mistake, and features that no single frame holds come out.

A running mean over the frames so far is restless as long as it holds few of them. So frames are
held back for a while, and a face whose crop has stood still since gets what is known of it at the
end of that while, where its own source still shows the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import AlignedFrame, CalmSource
from vidrestore.steady.flow import Flow, squared_length
from vidrestore.steady.memory import Gate, Memory
from vidrestore.steady.slow import detail_of, joined, mixed

Float32 = NDArray[np.float32]

# Motion since the frame before that halves the average's share, of the crop's side. Interpolating
# what moves, frame after frame, wears detail down, and clean sources have more detail than noise.
_MOTION = 0.1 / 128


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """A frame that waits, and what was known of its faces (by track id) after it."""

    item: AlignedFrame
    known: dict[int, Memory]


class Calm:
    """Says what the source of each face is without noise.

    A ``Stage[AlignedFrame, AlignedFrame]``, one out for each in, ``lookahead`` frames later. A
    track that misses a frame, and every track at a shot's start, begins anew; nothing of a later
    shot comes into one before.

    Args:
        blend: greatest weight of the frames before, and of those to come, where nothing changed, 0
            (off) to below 1.
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

    def push(self, item: AlignedFrame, /) -> Iterable[AlignedFrame]:
        """Take a frame; give the one ``lookahead`` before it, or the rest of the shot before."""
        if self._gate.blend == 0:
            yield item
            return
        if item.shot_start:
            yield from self.flush()
        self._known = self._after(item)
        self._held.append(_Held(item, self._known))
        if len(self._held) > self._lookahead:
            yield self._release()

    def flush(self) -> Iterable[AlignedFrame]:
        """The rest of the last shot."""
        while self._held:
            yield self._release()
        self._known = {}

    def _after(self, item: AlignedFrame) -> dict[int, Memory]:
        """What is known of a frame's faces once it has been seen."""
        known = {}
        for index, face in enumerate(item.faces):
            present = self._gate.first(item.crops.pixels[index], item.crops.crop_from_frame[index])
            earlier = self._known.get(face.track_id)
            if earlier is not None:
                present = self._gate.followed(earlier, present, self._flow)
            known[face.track_id] = present
        return known

    def _release(self) -> AlignedFrame:
        """The frame that has waited longest."""
        held = self._held.popleft()
        if not held.known:
            return held.item
        pixels = np.empty_like(held.item.crops.pixels)
        light, past = [], []
        for index, (track_id, memory) in enumerate(held.known.items()):
            later, steps = self._latest(track_id, memory)
            if steps:
                later = self._gate.foreseen(memory, later, steps, self._flow)
            own = detail_of(held.item.crops.pixels[index], later.small)
            detail = mixed(own, later.detail, 1.0, _rest(memory))
            pixels[index] = joined(detail, later.small, pixels.dtype)
            light.append(later.small)
            past.append(memory.past)
        return replace(held.item, calm=CalmSource(pixels, np.stack(light), tuple(past)))

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


def _rest(memory: Memory) -> Float32:
    """(n, n) 0..1, how much of each point is shown averaged: all of what was not brought here."""
    if memory.past is None:
        return np.ones_like(memory.count)
    moved = squared_length(memory.past.field) / np.float32(_MOTION * len(memory.count)) ** 2
    moved *= memory.past.weights
    return np.asarray(1 / (1 + moved), np.float32)
