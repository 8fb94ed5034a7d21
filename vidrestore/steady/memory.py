"""What is known of a face after a frame, and how two such memories become one.

Every point has a count of how many frames its result holds already. The next frame gets its share
of a running mean, so that a face comes to rest as fast as it can after a cut or a change, and the
count is what is left of it when the source has changed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image, Matrix, Past
from vidrestore.steady.change import change, light
from vidrestore.steady.flow import Flow, bring, squared_length
from vidrestore.steady.slow import detail_of, levels, mixed, reduced, slow_part

Float32 = NDArray[np.float32]
Gray = NDArray[np.uint8]

_FLOW_SIDE = 128  # of the grid on which flow and change are found
_GRAIN = 1.2  # size of film grain and sensor noise, px of the frame
_MOST_NOISE = 3.0  # change of a whole face beyond this is more than noise, levels
_PEAK = 1.75  # of the change that is usual: what noise alone may reach
_SAME_LIGHT = 1.5  # change of the slow part that halves the weight of the one before, levels
_AT_REST = 1 / 256  # motion that halves what a later frame counts, of the crop's side
_FOLLOW = 0.2  # share of a new frame in the noise known of a track


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """What a track's frames left of its source.

    Attributes:
        gray: (n, n), the source's luma.
        detail: (S, S, 3), the source less its slow part, levels of 0..255.
        small: (m, m, 3), the source reduced, blended where its slow part does not change.
        count: (n, n), frames that these hold, on the grid of gray.
        noise: change that is usual on this track, levels.
        crop_from_frame: (2, 3), where the crop was.
        past: what of this came from the frame before; None after a track's first frame.
    """

    gray: Float32
    detail: Float32
    small: Float32
    count: Float32
    noise: float
    crop_from_frame: Matrix
    past: Past | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """How memories are let into each other.

    Args:
        blend: greatest weight of what was before, and of what comes, below 1.
        tolerance: change of the low-passed source beyond what is usual on the track, in 8-bit
            levels, that halves a weight.
    """

    blend: float
    tolerance: float

    def first(self, source: Image, crop_from_frame: Matrix) -> Memory:
        """Of a face's first frame.

        Args:
            source: (S, S, 3) uint8 or uint16 RGB.
            crop_from_frame: (2, 3).
        """
        small, gray = reduced(source), _gray(source)
        detail = detail_of(source, small)
        return Memory(gray, detail, small, np.ones_like(gray), 0.0, crop_from_frame)

    def followed(self, earlier: Memory, present: Memory, flow: Flow) -> Memory:
        """The present frame, with what the frames before say of it.

        Args:
            earlier: after the frame before.
            present: of this frame alone.
            flow: finds the one in the other.
        """
        # What moves less than can be told from noise is not moved; as the picture that it is
        # compared with is a mean over time, slow motion adds up and is followed in the end.
        carried = flow.carry(_rounded(earlier.gray), _rounded(present.gray))
        lit = light(carried.before, present.gray)
        before = carried.before * np.float32(lit.gain) + np.float32(lit.offset)
        moved = change(before, present.gray, _grain(present))
        usual = _usual(moved)
        noise = usual if earlier.count.max() <= 1 else earlier.noise
        noise += _FOLLOW * (usual - noise)
        count = bring(earlier.count, carried.field, cv2.INTER_LINEAR)
        weights = count / (count + 1) * self._open(moved, noise) * carried.trust
        weights *= np.float32(lit.trust)
        np.minimum(weights, np.float32(self.blend), out=weights)
        gray = present.gray + weights * (before - present.gray)
        previous = bring(earlier.detail, carried.field)
        detail = mixed(present.detail, previous, lit.gain, weights)
        small = _calmed(present.small, bring(earlier.small, carried.field), weights)
        held = np.asarray(1 / (1 - weights), np.float32)
        past = Past(carried.field, weights, lit.gain)
        return Memory(gray, detail, small, held, noise, present.crop_from_frame, past)

    def foreseen(self, now: Memory, later: Memory, steps: int, flow: Flow) -> Memory:
        """The same with what a later frame knows, where both show the same.

        Args:
            now: after the frame in question.
            later: after a later one whose crop is at the very same place.
            steps: frames from the one to the other.
            flow: finds the one in the other.
        """
        carried = flow.carry(_rounded(later.gray), _rounded(now.gray))
        lit = light(carried.before, now.gray)
        after = carried.before * np.float32(lit.gain) + np.float32(lit.offset)
        known = bring(later.count, carried.field, cv2.INTER_LINEAR)
        # Of the frames that the one holds the other may hold some already.
        only_now = now.count - np.maximum(known - np.float32(steps), 0)
        weights = known / (known + np.maximum(only_now, 0))
        weights *= self._open(change(after, now.gray, _grain(now)), later.noise) * carried.trust
        strayed = squared_length(carried.field) / np.float32(_AT_REST * len(now.gray)) ** 2
        weights *= np.float32(lit.trust) * np.exp2(-strayed)
        np.minimum(weights, np.float32(self.blend), out=weights)
        detail = mixed(now.detail, bring(later.detail, carried.field), lit.gain, weights)
        small = _calmed(now.small, bring(later.small, carried.field), weights)
        return replace(now, detail=detail, small=small)

    def _open(self, moved: Float32, noise: float) -> Float32:
        """(n, n) 0..1, low where the source has changed by more than noise."""
        beyond = np.maximum(moved - np.float32(_PEAK * noise), 0) / np.float32(self.tolerance)
        return np.asarray(np.exp2(-np.square(beyond)), np.float32)


def _calmed(small: Float32, other: Float32, weights: Float32) -> Float32:
    """The one's source and, by the weights, the other's where both are in the same light."""
    apart = np.abs(slow_part(other - small)).max(axis=-1) / np.float32(_SAME_LIGHT)
    weights = np.asarray(cv2.resize(weights, apart.shape), np.float32)
    weights *= np.exp2(-np.square(apart))
    return np.asarray(small + weights[..., None] * (other - small), np.float32)


def _grain(memory: Memory) -> float:
    """Size of grain on the grid of gray."""
    frame_pixel = math.hypot(memory.crop_from_frame[0, 0], memory.crop_from_frame[1, 0])
    return _GRAIN * frame_pixel * len(memory.gray) / len(memory.detail)


def _usual(moved: Float32) -> float:
    """The change that half of the face does not exceed: noise, unless it is large."""
    cells = len(moved)
    inside = slice(cells // 4, cells - cells // 5)
    return min(float(np.median(moved[inside, inside])), _MOST_NOISE)


def _gray(source: Image) -> Float32:
    """(n, n) luma on the grid of the flow, levels of 0..255."""
    side = min(_FLOW_SIDE, len(source))
    small = cv2.resize(source, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(small @ np.array([0.299, 0.587, 0.114], np.float32), np.float32) * levels(
        source.dtype
    )


def _rounded(gray: Float32) -> Gray:
    # Light made equal, and cubic interpolation, may lead a little beyond white and black.
    rounded: Gray = np.clip(np.rint(gray), 0, 255).astype(np.uint8)
    return rounded
