"""The stage that draws texture over results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import BlendedFrame, Image
from vidrestore.restore.texture.missing import MissingDetail

Float32 = NDArray[np.float32]

_SEED = 97
_WHOLE = 0.5
"""Share of a restorer's change from which on texture is drawn whole."""
_SOFTENED = 0.6
"""Of a Gaussian, px: true detail is weaker the finer it is; other noise looks like a raster."""


class Texture:
    """Draws the detail that results lack as noise of its strength.

    A ``Stage[BlendedFrame, BlendedFrame]``. The noise is fixed in the crop, so that it rides on the
    face, and comes after results were averaged over time, which would take it away again wherever
    the head moves. A crop that nothing was restored of stays as it is.

    Args:
        missing: tells how strong it is.
        amount: of that strength, 0..1.
    """

    latency: Final = 0
    memory: Final = 0

    def __init__(self, missing: MissingDetail, amount: float) -> None:
        self._missing, self._amount = missing, np.float32(amount)
        draws = np.random.Generator(np.random.PCG64(_SEED))
        self._noise = [_noise(draws, missing.side >> octave) for octave in range(2)]

    def push(self, item: BlendedFrame, /) -> Iterable[BlendedFrame]:
        """The frame with texture on its faces."""
        faces = zip(item.aligned.base, item.pixels, item.shares, strict=True)
        pixels = tuple(
            self.drawn_over(base, result, share) if share > 0 else result
            for base, result, share in faces
        )
        yield replace(item, pixels=pixels)

    def flush(self) -> Iterable[BlendedFrame]:
        """Nothing is ever held."""
        return ()

    def drawn_over(self, base: Image, result: Image, share: float) -> Image:
        """A result with texture.

        Args:
            base: (W, W, 3) RGB, uint8 or uint16: what was restored.
            result: what became of it, of the same shape and type.
            share: of the restorer's change that is in it, 0..1.
        """
        strengths = self._missing(base, result) * (self._amount * min(share / _WHOLE, 1.0))
        texture = self._drawn(strengths, len(result))
        deep = result.dtype == np.uint16
        steps = cv2.merge([texture * np.float32(257 if deep else 1)] * 3)
        return np.asarray(cv2.add(result, steps, dtype=cv2.CV_16U if deep else cv2.CV_8U))

    def _drawn(self, strengths: Float32, size: int) -> Float32:
        """(W, W) levels; a crop that is no finer than the model's own has no room for octave 0."""
        fine, coarse = (
            noise * cv2.resize(strength, noise.shape)
            for noise, strength in zip(self._noise, strengths, strict=True)
        )
        grown = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)
        return np.asarray(grown + fine if size == len(fine) else grown, np.float32)


def _noise(draws: np.random.Generator, side: int) -> Float32:
    """(side, side) noise of the finest octave, of deviation 1."""
    white = draws.standard_normal((side, side), np.float32)
    noise = np.asarray(cv2.GaussianBlur(white, (0, 0), _SOFTENED), np.float32)
    half = cv2.resize(noise, (side // 2, side // 2), interpolation=cv2.INTER_AREA)
    noise -= cv2.resize(half, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.asarray(noise / noise.std(), np.float32)
