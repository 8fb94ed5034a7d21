"""Blends each restored crop with the previous results, where the source has not changed.

Every point has a count of how many frames its result holds already. The next frame gets its share
of a running mean, so that a face comes to rest as fast as it can after a cut or a change, and the
count is what is left of it when the source has changed.

What is blended is the result less the slow part of its source (light and colour, which follow the
source at once): grain that the restorer removed does not come back, as it would if the difference
from the source were blended, and a flicker of the light does not drag, as it would with plain
pixels.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image, Matrix, RestoredFrame
from vidrestore.steady.change import change, light
from vidrestore.steady.flow import Flow, bring

Float32 = NDArray[np.float32]
Gray = NDArray[np.uint8]

_FLOW_SIDE = 128  # of the grid on which flow and change are found
_SLOW_GRID = 32
_SLOW_SIGMA = 1 / 8  # of the crop's side
_GRAIN = 1.2  # size of film grain and sensor noise, px of the frame
_MOST_NOISE = 3.0  # change of a whole face beyond this is more than noise, levels
_FOLLOW = 0.2  # share of a new frame in the noise known of a track


@dataclass(frozen=True, slots=True, eq=False)
class _Memory:
    """What a track leaves for its next frame."""

    gray: Float32  # (n, n), the source's luma, blended as the result is
    detail: Float32  # (S, S, 3), result less slow part of the source, levels of 0..255
    count: Float32  # (n, n), frames that the result holds, on the grid of gray
    noise: float  # change that is usual on this track, levels


class Steady:
    """Holds restored faces still.

    A ``Stage[RestoredFrame, RestoredFrame]``, one out for each in. A track that misses a frame, and
    every track at a shot's start, begins anew.

    Args:
        blend: greatest weight of the previous results, where nothing changed, 0 (off) to below 1.
        tolerance: change of the low-passed source beyond what is usual on the track, in 8-bit
            levels, that halves the weight.
    """

    def __init__(self, blend: float = 0.95, tolerance: float = 6.0) -> None:
        if not 0 <= blend < 1 or tolerance <= 0:
            raise ValueError(f"blend {blend} must be in [0, 1) and tolerance {tolerance} positive")
        self._blend = blend
        self._tolerance = tolerance
        self._memory: dict[int, _Memory] = {}
        self._flow = Flow()

    def push(self, item: RestoredFrame, /) -> Iterable[RestoredFrame]:
        """The frame with steadied crops."""
        if self._blend == 0 or not item.aligned.faces:
            self._memory = {}
            yield item
            return
        crops = item.aligned.crops
        earlier = {} if item.aligned.shot_start else self._memory
        self._memory = {}
        pixels = np.empty_like(item.pixels)
        for index, face in enumerate(item.aligned.faces):
            pixels[index], self._memory[face.track_id] = self._steadied(
                crops.pixels[index],
                item.pixels[index],
                crops.crop_from_frame[index],
                earlier.get(face.track_id),
            )
        yield RestoredFrame(item.aligned, pixels)

    def flush(self) -> Iterable[RestoredFrame]:
        """Nothing is ever held."""
        return ()

    def _steadied(
        self, source: Image, restored: Image, crop_from_frame: Matrix, earlier: _Memory | None
    ) -> tuple[Image, _Memory]:
        """One crop blended with what its track left, and what it leaves."""
        scale = np.float32(1.0 if source.dtype == np.uint8 else 1 / 257)
        slow = _slow(source, scale)
        present = _gray(source, scale)
        detail = restored.astype(np.float32)
        if scale != 1.0:
            detail *= scale
        detail -= slow
        if earlier is None:
            return restored, _Memory(present, detail, np.ones_like(present), 0.0)
        # What moves less than can be told from noise is not moved; as the picture that it is
        # compared with is a mean over time, slow motion adds up and is followed in the end.
        carried = self._flow.carry(_rounded(earlier.gray), _rounded(present))
        lit = light(carried.before, present)
        before = carried.before * np.float32(lit.gain) + np.float32(lit.offset)
        frame_pixel = math.hypot(crop_from_frame[0, 0], crop_from_frame[1, 0])
        moved = change(before, present, _GRAIN * frame_pixel * len(present) / len(source))
        usual = _usual(moved)
        noise = usual if earlier.count.max() <= 1 else earlier.noise
        noise += _FOLLOW * (usual - noise)
        beyond = np.maximum(moved - np.float32(noise), 0) / np.float32(self._tolerance)
        count = bring(earlier.count, carried.field, cv2.INTER_LINEAR)
        weights = count / (count + 1) * np.exp2(-np.square(beyond)) * carried.trust
        weights *= np.float32(lit.trust)
        np.minimum(weights, np.float32(self._blend), out=weights)
        count = 1 / (1 - weights)
        gray = present + weights * (before - present)
        weights = np.asarray(cv2.resize(weights, detail.shape[:2]), np.float32)
        previous = bring(earlier.detail, carried.field)
        previous *= np.float32(lit.gain)
        previous -= detail
        previous *= weights[..., None]
        detail += previous
        result = (detail + slow) / scale
        np.rint(result, out=result)
        np.clip(result, 0, np.iinfo(restored.dtype).max, out=result)
        return result.astype(restored.dtype), _Memory(gray, detail, count, noise)


def _usual(moved: Float32) -> float:
    """The change that half of the face does not exceed: noise, unless it is large."""
    cells = len(moved)
    inside = slice(cells // 4, cells - cells // 5)
    return min(float(np.median(moved[inside, inside])), _MOST_NOISE)


def _gray(source: Image, scale: np.float32) -> Float32:
    """(n, n) luma on the grid of the flow, levels of 0..255."""
    side = min(_FLOW_SIDE, len(source))
    small = cv2.resize(source, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(small @ np.array([0.299, 0.587, 0.114], np.float32) * scale, np.float32)


def _rounded(gray: Float32) -> Gray:
    rounded: Gray = np.rint(gray).astype(np.uint8)
    return rounded


def _slow(source: Image, scale: np.float32) -> Float32:
    """(S, S, 3) low-passed source in levels of 0..255."""
    size = len(source)
    grid = min(_SLOW_GRID, size)
    small = cv2.resize(source, (grid, grid), interpolation=cv2.INTER_AREA).astype(np.float32)
    blurred = cv2.GaussianBlur(small * scale, (0, 0), _SLOW_SIGMA * grid)
    return np.asarray(cv2.resize(blurred, (size, size)), np.float32)
