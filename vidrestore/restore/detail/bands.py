"""Octave-like bands of a face's luma, and what is known of them.

Bands are differences of Gaussians (Burt and Adelson, "The Laplacian Pyramid as a Compact Image
Code", IEEE Transactions on Communications 31, 1983). Coarse ones are kept at a half and a quarter
of the side. What is coarser than all of them, a face's light and colour, takes no part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

_SIGMAS: Final = ((0.0, 0.6, 0.9, 1.4), (1.4, 2.1, 3.2), (3.2, 4.8, 8.0))
"""Of the Gaussians between which bands lie, px of the crop: at its side, a half and a quarter."""
BANDS: Final = sum(len(sigmas) - 1 for sigmas in _SIGMAS)
"""Bands, the finest first."""
STRENGTHS: Final = 7 * BANDS
"""Values that ``known`` begins with: logarithms of mean squares."""
KNOWN: Final = STRENGTHS + 2 * BANDS + 1
"""Values that ``known`` gives."""
_CELLS: Final = 64
"""Along the crop, in which strength is measured."""
_FACE: Final = slice(_CELLS // 4, _CELLS * 7 // 8), slice(_CELLS // 5, _CELLS * 4 // 5)
"""The cells that features and the skin between them fill."""
_NOTHING: Final = 0.02
"""Energy that counts as none, levels squared."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Of one picture.

    Attributes:
        levels: (n, W / d, W / d) float32 each, for d of 1, 2 and 4: levels of 0..255.
    """

    levels: tuple[Float32, ...]

    @classmethod
    def of(cls, luma: Float32) -> Bands:
        """Take (W, W) luma apart; 64 divides W."""
        levels, soft, divisor = [], luma, 1
        for sigmas in _SIGMAS:
            found = []
            for finer, coarser in pairwise(sigmas):
                sigma = math.sqrt(coarser**2 - finer**2) / divisor
                softer = np.asarray(cv2.GaussianBlur(soft, (0, 0), sigma), np.float32)
                found.append(soft - softer)
                soft = softer
            levels.append(np.stack(found))
            divisor *= 2
            half = len(luma) // divisor
            soft = np.asarray(cv2.resize(soft, (half, half), interpolation=cv2.INTER_AREA))
        return cls(tuple(levels))

    def minus(self, other: Bands) -> Bands:
        """The bands of the difference of two pictures."""
        pairs = zip(self.levels, other.levels, strict=True)
        return Bands(tuple(own - its for own, its in pairs))

    def summed(self, gains: Float32) -> Float32:
        """(W, W), all bands, each as often as its gain says.

        Args:
            gains: (BANDS,), the finest band's first.
        """
        last, total = len(gains), None
        for level in reversed(self.levels):
            mine = np.tensordot(gains[last - len(level) : last], level, 1)
            last -= len(level)
            if total is not None:
                mine += cv2.resize(total, mine.shape, interpolation=cv2.INTER_LINEAR)
            total = mine
        return np.asarray(total, np.float32)

    def energies(self) -> Float32:
        """(BANDS, n, n) mean squares in the cells of the face."""
        return self.products(self)

    def products(self, other: Bands) -> Float32:
        """(BANDS, n, n) mean products with another picture's, in the cells of the face."""
        size = _CELLS, _CELLS
        means = [
            cv2.resize(own * its, size, interpolation=cv2.INTER_AREA)[_FACE]
            for levels in zip(self.levels, other.levels, strict=True)
            for own, its in zip(*levels, strict=True)
        ]
        return np.stack(means).astype(np.float32, copy=False)


def known(result: Bands, change: Bands, alone: Bands, pixel: float) -> Float32:
    """(KNOWN,) what is known of a face's bands: strengths as logarithms, likeness, and scale.

    Args:
        result: of what a restorer made of it.
        change: of what the restorer changed.
        alone: of the frame alone less the mean over frames that was restored.
        pixel: how many pixels of the crop a pixel of the frame is.
    """
    drawn, changed, noise = result.energies(), change.energies(), alone.energies()
    ranked = np.percentile(drawn, (20, 50), axis=(1, 2))
    strengths = [
        drawn.mean(axis=(1, 2)),
        *ranked,
        changed.mean(axis=(1, 2)),
        np.median(changed, axis=(1, 2)),
        noise.mean(axis=(1, 2)),
        np.median(noise, axis=(1, 2)),
    ]
    logs = np.log(np.concatenate(strengths) + _NOTHING)
    alike = [
        result.products(other).mean(axis=(1, 2))
        / np.sqrt((drawn.mean(axis=(1, 2)) + _NOTHING) * (energy.mean(axis=(1, 2)) + _NOTHING))
        for other, energy in ((change, changed), (alone, noise))
    ]
    return np.concatenate([logs, *alike, [math.log2(pixel)]]).astype(np.float32)
