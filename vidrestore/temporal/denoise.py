"""Averages the source of each face over time before it is restored.

A restorer takes noise for what a face shows: it draws other creases on every frame. Shown the mean
of several frames it has less to mistake, and features that no single frame holds come out. The mean
is also what the restorer's change is added to, so with no restorer at all faces are denoised as by
a motion-compensated filter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import AlignedFrame, Denoised, Image, Neighbour
from vidrestore.picture.flow import enlarged, places, sampled
from vidrestore.picture.outline import Box, face_box
from vidrestore.temporal.planes import Planes, added
from vidrestore.temporal.window import Window

Float32 = NDArray[np.float32]


class Denoise:
    """Says what the crops are without noise, and where the frames around show the same.

    A ``Stage[AlignedFrame, AlignedFrame]``, one out for each in. Latency: ``rest`` frames. Memory:
    ``rest`` frames back, none beyond a shot's start. A frame's result depends on ``rest`` frames
    before and after it and on nothing else.

    Args:
        amount: what a frame beside it that shows the very same counts, 0 (off) to 1 (as much as the
            frame itself).
        reach: frames before and after that are averaged, 1 or more.
        rest: frames up to which some are averaged too while a face rests, ``reach`` or more.
        tolerance: change of the source that e-folds a weight where there is no noise, levels of
            0..255.
        dilate: growth of the face's outline, beyond the box around which crops stay as they are:
            nothing of them is written.
    """

    def __init__(
        self, amount: float, reach: int, rest: int, tolerance: float, dilate: float
    ) -> None:
        if not 0 <= amount <= 1 or not 1 <= reach <= rest or tolerance <= 0:
            raise ValueError(
                f"amount {amount} must be in [0, 1], reach {reach} at least 1, "
                f"rest {rest} no less, tolerance {tolerance} positive"
            )
        self._amount, self._dilate = amount, dilate
        self._rest = rest
        self._window = Window(reach, rest, tolerance)
        self._held: deque[AlignedFrame] = deque()
        self._number = 0  # of the first frame held, from the shot's start

    def push(self, item: AlignedFrame, /) -> Iterable[AlignedFrame]:
        """Take a frame; give the one ``rest`` before it, or the rest of the shot before."""
        if item.shot_start:
            yield from self.flush()
        crops = zip(item.crops.pixels, item.crops.crop_from_frame, strict=True)
        self._window.push(
            {face.track_id: crop for face, crop in zip(item.faces, crops, strict=True)}
        )
        self._held.append(item)
        if len(self._held) > self._rest:
            yield self._release()

    def flush(self) -> Iterable[AlignedFrame]:
        """The rest of the last shot."""
        while self._held:
            yield self._release()
        self._window.clear()
        self._number = 0

    def _release(self) -> AlignedFrame:
        """The frame that has waited longest."""
        item, number = self._held.popleft(), self._number
        self._number += 1
        if not item.faces or item.frame.role == "context":
            return item
        around = [self._window.neighbours(number, face.track_id) for face in item.faces]
        pixels = [self._averaged(item, number, index, near) for index, near in enumerate(around)]
        return replace(item, denoised=Denoised(tuple(pixels), tuple(around), self._amount))

    def _averaged(
        self, item: AlignedFrame, number: int, index: int, near: Sequence[Neighbour]
    ) -> Image:
        crop, face = item.crops.pixels[index], item.faces[index]
        if not near or self._amount == 0:
            return crop
        matrix = item.crops.crop_from_frame[index]
        box = face_box(face.landmarks, self._dilate, matrix, len(crop))
        if 0 in box.shape:
            return crop
        own = self._window.planes(number, face.track_id)
        others = [self._window.planes(number + n.offset, face.track_id) for n in near]
        return added(crop, mean_change(own, others, near, self._amount, box, light=True), box)


def mean_change(
    own: Planes,
    others: Sequence[Planes],
    near: Sequence[Neighbour],
    amount: float,
    box: Box,
    *,
    light: bool,
) -> Planes:
    """What is to be added to a frame's planes to give the weighted mean over it and its neighbours.

    Args:
        own: the frame's.
        others: the neighbours', each in its own frame's places.
        near: where these are found, and how much each counts.
        amount: factor of all their weights.
        box: the part of the crop in question.
        light: whether the neighbours are to be brought into the frame's light.

    Returns:
        Of that part.
    """
    luma = _Mean(own.luma, box, cv2.INTER_CUBIC)
    chroma = _Mean(own.chroma, box.halved, cv2.INTER_LINEAR)  # it holds little that is fine
    for planes, neighbour in zip(others, near, strict=True):
        luma.add(planes.luma, neighbour, amount, neighbour.brightness if light else 0.0)
        chroma.add(planes.chroma, neighbour, amount)
    return Planes(luma.change(), chroma.change())


class _Mean:
    """The mean of a part of a plane and of others of its size, as a change of it."""

    def __init__(self, own: Float32, box: Box, interpolation: int) -> None:
        self._box, self._size, self._interpolation = box, len(own), interpolation
        self._own = own[box]
        self._sum = np.zeros_like(self._own)
        self._weights = np.ones(box.shape, np.float32)

    def add(
        self, plane: Float32, neighbour: Neighbour, amount: float, brighter: float = 0.0
    ) -> None:
        """Let another plane count, made brighter by so many levels."""
        weights = enlarged(neighbour.weights, self._size, self._box)
        weights *= np.float32(amount)
        where = places(neighbour.field, self._size, self._box)
        change = sampled(plane, where, self._interpolation)
        change -= self._own
        if brighter:
            change += np.float32(brighter)
        change *= _like(weights, change)
        self._sum += change
        self._weights += weights

    def change(self) -> Float32:
        """The mean less the plane itself."""
        return self._sum / _like(self._weights, self._sum)


def _like(weights: Float32, plane: Float32) -> Float32:
    """Weights for each channel of a plane."""
    return weights if plane.ndim == 2 else weights[..., None]
