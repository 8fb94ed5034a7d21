"""The stage that brings the finest detail of results nearer to the truth's."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import BlendedFrame, Image
from vidrestore.picture.luma import luma_of
from vidrestore.restore.detail.octaves import octaves
from vidrestore.restore.detail.teller import FineDetail

Float32 = NDArray[np.float32]

_SEED = 97
_WHOLE = 0.5
"""Share of a restorer's change from which on detail is refined wholly: what the least worn get."""
_SOFTENED = 0.6
"""Of a Gaussian, px: true detail is weaker the finer it is; other noise looks like a raster."""


class Refine:
    """Brings results of large faces nearer to the truth, and draws texture.

    A ``Stage[BlendedFrame, BlendedFrame]``. A crop of 2 S px shows more than one of S px that a
    model restores: its bands, those of the result and of the frame alone are weighed against each
    other. What is missing all the same can be drawn as noise of its strength. That is fixed in the
    crop, so that it rides on the face. Both come after results were averaged over time, which would
    take fine detail away wherever the head moves. A crop that nothing was restored of stays as it
    is.

    Args:
        detail: knows of it.
        refine: whether results of large faces are brought nearer to the truth.
        texture: how much of the missing detail is drawn, 0..1.
    """

    latency: Final = 0
    memory: Final = 0

    def __init__(self, detail: FineDetail, *, refine: bool, texture: float) -> None:
        self._detail, self._refine = detail, refine
        self._texture = np.float32(texture)
        draws = np.random.Generator(np.random.PCG64(_SEED))
        self._noise = [_noise(draws, detail.side >> octave) for octave in range(2)]

    def push(self, item: BlendedFrame, /) -> Iterable[BlendedFrame]:
        """The frame with refined faces."""
        crops = item.aligned.crops
        scales = (math.hypot(matrix[0, 0], matrix[1, 0]) for matrix in crops.crop_from_frame)
        faces = zip(crops.pixels, item.aligned.base, item.pixels, item.shares, scales, strict=True)
        yield replace(item, pixels=tuple(self.refined(*face) for face in faces))

    def flush(self) -> Iterable[BlendedFrame]:
        """Nothing is ever held."""
        return ()

    def refined(
        self, own: Image, base: Image, result: Image, share: float = 1.0, pixel: float = 1.0
    ) -> Image:
        """A result with its detail refined.

        Args:
            own: (W, W, 3) RGB, uint8 or uint16: what the frame alone shows.
            base: what was restored, of the same shape and type.
            result: what became of it.
            share: of the restorer's change that is in it, 0..1.
            pixel: how many pixels of the crop a pixel of the frame is.
        """
        large = self._refine and len(result) == self._detail.refined_side
        if share <= 0 or not (self._texture or large):
            return result
        before, luma = luma_of(base), luma_of(result)
        change = np.zeros_like(luma)
        if large:
            change += self._detail.refinement(luma_of(own), before, luma, pixel)
        if self._texture:
            missing = self._detail.missing(before, luma + change)
            change += self._drawn(self._texture * missing, len(result))
        deep = result.dtype == np.uint16
        change *= np.float32((257 if deep else 1) * min(share / _WHOLE, 1.0))
        steps = cv2.merge([change] * 3)
        return np.asarray(cv2.add(result, steps, dtype=cv2.CV_16U if deep else cv2.CV_8U))

    def _drawn(self, missing: Float32, size: int) -> Float32:
        """(W, W) levels; a crop that is no finer than the model's own has no room for octave 0."""
        fine, coarse = (
            noise * cv2.resize(strength, noise.shape)
            for noise, strength in zip(self._noise, missing, strict=True)
        )
        grown = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)
        return np.asarray(grown + fine if size == len(fine) else grown, np.float32)


def _noise(draws: np.random.Generator, side: int) -> Float32:
    """(side, side) noise of the finest octave, of deviation 1."""
    white = draws.standard_normal((side, side), np.float32)
    softened = np.asarray(cv2.GaussianBlur(white, (0, 0), _SOFTENED), np.float32)
    (noise,) = octaves(softened, 1)
    return np.asarray(noise / noise.std(), np.float32)
