"""The frames around each frame: where they show the same faces, and how much they count.

Every frame up to ``reach`` is looked at. While a face rests some that are further away are too, the
further the sparser: what compression makes of noise lasts for several frames, so that near ones
have much of it in common.

Nothing here is recursive. What is known of a frame depends on ``rest`` frames before and after it
and on no other, so a piece of a video gives what the whole gives.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image, Matrix, Neighbour
from vidrestore.picture.flow import FlowRefinement, FlowSearch, Gray, bring, chained, resized
from vidrestore.temporal.change import (
    brightness,
    energy,
    face,
    is_small,
    most,
    trust,
    usual,
    weights,
)
from vidrestore.temporal.planes import Planes, gray, planes

Float32 = NDArray[np.float32]

_FLOW_SIDE = 256  # of the grid on which flow is found, at most; half the crop's side at most
_CHANGE_SIDE = 128  # of the grid on which change is looked for
_PATH_SIDE = 64  # of the grid on which flow is chained; what is found of it is no finer
_REFINED_PIXELS = 1.5  # frame pixels that a cell of the grid fills at least, on which it is refined
# Rows and columns in which it is, parts of the crop's side: about as far as outlines of faces reach
# by the default growth of the mask. Further out what was chained has to do.
_REFINED = (0.25, 0.95), (0.15, 0.85)
# Mean length of the flow to another frame within the face, parts of the crop's side, up to which a
# face rests.
_AT_REST = 1.5 / 128
# A small face's flow is blurred by so many frame pixels, and what is then shorter than this is
# noise.
_FLOW_BLUR = 2.0
_FLOW_NOISE = 0.17


@dataclass(frozen=True, slots=True, eq=False)
class FaceView:
    """What one frame shows of a face.

    Attributes:
        planes: of the crop.
        search: (n, n) uint8 luma on which flow is found.
        gray: (m, m) float32 luma on which change is looked for, levels of 0..255.
        pixel: size of a frame's pixel, in parts of the crop's side.
        back: (p, p, 2), the flow from here to the frame before; None on a track's first frame.
        forth: the flow from the frame before to here.
        noise: energy of the change between the two that noise makes.
    """

    planes: Planes
    search: Gray
    gray: Float32
    pixel: float
    back: Float32 | None = None
    forth: Float32 | None = None
    noise: float = 0.0


class Window:
    """Views of all faces in the last ``2 * rest + 1`` frames of a shot.

    Args:
        reach: frames before and after one that count.
        rest: frames up to which some count while a face rests; no fewer than ``reach``.
        tolerance: change that e-folds a weight where there is no noise, levels.
    """

    def __init__(self, reach: int, rest: int, tolerance: float) -> None:
        self._reach, self._rest = reach, rest
        self._counting = frozenset(_counting(reach, rest))
        self._tolerance = tolerance
        self._search, self._refinement = FlowSearch(), FlowRefinement()
        self._frames: deque[dict[int, FaceView]] = deque(maxlen=2 * rest + 1)
        self._next = 0  # number of the frame that comes

    def clear(self) -> None:
        """A new shot begins; its first frame has number 0."""
        self._frames.clear()
        self._next = 0

    def push(self, crops: Mapping[int, tuple[Image, Matrix]]) -> None:
        """Look at the next frame of the shot.

        Args:
            crops: by track id, (W, W, 3) RGB and its ``crop_from_frame``.
        """
        before = self._frames[-1] if self._frames else {}
        self._frames.append(
            {
                track_id: self._view(crop, matrix, before.get(track_id))
                for track_id, (crop, matrix) in crops.items()
            }
        )
        self._next += 1

    def planes(self, number: int, track_id: int) -> Planes:
        """A face's crop, taken apart."""
        return self._at(number)[track_id].planes

    def neighbours(self, number: int, track_id: int) -> tuple[Neighbour, ...]:
        """The frames that show a face of frame ``number`` too, as far as the track has no gap."""
        own = self._at(number)[track_id]
        walks = [list(self._walk(number, track_id, step)) for step in (-1, 1)]
        if not any(walks):
            return ()
        before, after = ([view for _, view, _ in walk] for walk in walks)
        # Each knows the noise of the pair that it makes with the frame before it; what the first
        # one makes with a frame beyond the window is not looked at.
        pairs = [*([own, *before][:-1] if before else []), *after]
        noise = float(np.median([view.noise for view in pairs]))
        found = []
        for offset, view, path in (entry for walk in walks for entry in walk):
            if abs(offset) not in self._counting:
                continue
            other = bring(view.gray, path)
            brighter = brightness(other, own.gray)
            change = energy(own.gray, other + np.float32(brighter), own.pixel)
            # Frames further apart have less noise in common: up to twice as much of it differs.
            differs = max(noise, min(usual(change), 2 * noise))
            weight = weights(change, differs, self._tolerance, own.pixel)
            weight *= np.float32(trust(change, noise, self._tolerance))
            found.append(Neighbour(offset, path, weight, brighter))
        return tuple(found)

    def _at(self, number: int) -> dict[int, FaceView]:
        return self._frames[number - self._next]

    def _walk(
        self, number: int, track_id: int, step: int
    ) -> Iterator[tuple[int, FaceView, Float32]]:
        """(offset, view, flow to it) of the frames on one side, the nearest first."""
        own = here = self._at(number)[track_id]
        path = None
        first = self._next - len(self._frames)
        for offset in range(step, (self._rest + 1) * step, step):
            if not first <= number + offset < self._next:
                return
            there = self._at(number + offset).get(track_id)
            if there is None:
                return
            onward = here.back if step < 0 else there.forth
            if onward is None or there.planes.size != here.planes.size:
                return
            path = onward if path is None else chained(path, onward)
            if abs(offset) > self._reach and not _at_rest(path):
                return
            if abs(offset) in self._counting:
                path = self._refined(here=own, there=there, path=path)
            yield offset, there, path
            here = there

    def _refined(self, here: FaceView, there: FaceView, path: Float32) -> Float32:
        """A flow that was chained, made right by what the two frames themselves show."""
        if is_small(here.pixel):
            return path
        side = len(path)
        while 2 * side <= len(here.search) and 2 * side * here.pixel * _REFINED_PIXELS <= 1:
            side *= 2
        factor, box = side // len(path), _refined_box(len(path))
        fine = tuple(slice(factor * part.start, factor * part.stop) for part in box)
        of, in_ = (np.ascontiguousarray(_gray(view, side)[fine]) for view in (here, there))
        refined = path.copy()
        refined[box] = resized(self._refinement.field(of, in_, path[box]), path[box].shape[:2])
        return refined

    def _view(self, crop: Image, crop_from_frame: Matrix, before: FaceView | None) -> FaceView:
        apart = planes(crop)
        side = min(_FLOW_SIDE, max(apart.size // 2, min(apart.size, 32)))
        flow_gray = gray(apart.luma, side)
        search: Gray = np.clip(flow_gray + 0.5, 0, 255).astype(np.uint8)
        seen = gray(flow_gray, _CHANGE_SIDE)
        pixel = math.hypot(crop_from_frame[0, 0], crop_from_frame[1, 0]) / apart.size
        if before is None or before.search.shape != search.shape:
            return FaceView(apart, search, seen, pixel)
        cells = min(_PATH_SIDE, side)
        back = resized(_settled(self._search.field(search, before.search), pixel), (cells, cells))
        forth = resized(_settled(self._search.field(before.search, search), pixel), (cells, cells))
        other = bring(before.gray, back)
        other = other + np.float32(brightness(other, seen))
        noise = min(usual(energy(seen, other, pixel)), most(seen, pixel))
        return FaceView(apart, search, seen, pixel, back, forth, noise)


def _counting(reach: int, rest: int) -> Iterator[int]:
    """How far away the frames are that count: with 4 and 16 these are 1, 2, 3, 4, 7, 11 and 16."""
    yield from range(1, reach + 1)
    offset, step = reach + 3, 4
    while offset <= rest:
        yield offset
        offset, step = offset + step, step + 1


def _refined_box(cells: int) -> tuple[slice, slice]:
    """The cells of a grid over the crop on which flow is refined."""
    rows, columns = (slice(int(low * cells), int(high * cells)) for low, high in _REFINED)
    return rows, columns


def _at_rest(path: Float32) -> bool:
    """Whether a face has hardly moved along a flow."""
    part = face(path)[::2, ::2]
    return float(np.hypot(part[..., 0], part[..., 1]).mean()) <= _AT_REST * len(path)


def _settled(field: Float32, pixel: float) -> Float32:
    """A flow without the vectors that noise makes where a face has few pixels of its own."""
    if not is_small(pixel):
        return field
    unit = pixel * len(field)
    field = np.asarray(cv2.GaussianBlur(field, (0, 0), _FLOW_BLUR * unit), np.float32)
    moved = np.square(field).sum(axis=-1, keepdims=True)
    field *= moved / (moved + np.float32((_FLOW_NOISE * unit) ** 2))
    return field


def _gray(view: FaceView, side: int) -> Gray:
    """What flow is found on, on a grid no finer than it."""
    if len(view.search) == side:
        return view.search
    small = cv2.resize(view.search, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)
