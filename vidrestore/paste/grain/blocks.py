"""Power spectra of small blocks of a picture, taken where the picture is flattest.

A block's power is an estimate of its grain as far as the block shows nothing else. So blocks are
chosen by what their cells show, which are too coarse for grain, and only then looked at closely.

Convention: planes are (h, w) float32, levels of 0..255; a block is (b, b), its corner the first row
and column.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

Float32 = NDArray[np.float32]
Corners = NDArray[np.intp]

_CELLS = 4  # across a block
_MOST = 96  # blocks looked at
_DARKEST, _BRIGHTEST = 12.0, 243.0  # tones beyond which grain is clipped
_COARSE = 1.5  # waves across a block up to which a face's shading and the window's own skirts reach
_BLOTCH = 6.0  # samples from which on noise is seen as blotches, not as grain


def flattest(tone: Float32, allowed: NDArray[np.bool_], side: int) -> Corners:
    """Places (N, 2) of the blocks that show least, at most half of those allowed.

    Blocks that touch what a sensor or a scanner clips are left out: it clips their grain too.

    Args:
        tone: (h, w), 0 for black to 255 for white.
        allowed: (h, w), where blocks may lie.
        side: b, of a block.
    """
    cell = side // _CELLS
    rows, columns = (length // cell for length in tone.shape)
    if min(rows, columns) < _CELLS:
        return np.empty((0, 2), np.intp)
    inside = allowed[: rows * cell, : columns * cell].astype(np.float32)
    means = _cells(tone[: rows * cell, : columns * cell], rows, columns)
    usable = (_cells(inside, rows, columns) > 1 - 1e-4) & (means > _DARKEST) & (means < _BRIGHTEST)
    window = (_CELLS, _CELLS)

    def mean(cells: Float32) -> Float32:
        blurred = cv2.boxFilter(cells, -1, window, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
        return np.asarray(blurred[::2, ::2], np.float32)

    centred = means - np.float32(means.mean())
    spread = mean(centred * centred) - np.square(mean(centred))
    spread[mean(usable.astype(np.float32)) < 1 - 1e-4] = np.inf
    flat = spread.ravel()
    count = min(_MOST, (int(np.isfinite(flat).sum()) + 1) // 2)
    chosen = np.sort(np.argpartition(flat, count - 1)[:count]) if count else np.empty(0, np.intp)
    return np.stack(np.unravel_index(chosen, spread.shape), axis=1) * (2 * cell)


def powers(plane: Float32, corners: Corners, side: int) -> Float32:
    """(N, b, b // 2 + 1) power by frequency of blocks, without their mean and slope.

    Scaled so that the mean over all b * b frequencies is a block's variance.
    """
    if not len(corners):
        return np.empty((0, side, side // 2 + 1), np.float32)
    offsets = np.arange(side)
    rows = corners[:, 0, None, None] + offsets[:, None]
    columns = corners[:, 1, None, None] + offsets
    found = np.asarray(plane[rows, columns], np.float32)
    ramp = np.asarray(offsets - (side - 1) / 2, np.float32)
    unit = np.float32(1 / (np.square(ramp).sum() * side))
    found = found - found.mean(axis=(1, 2), keepdims=True)
    down = np.einsum("nij,i->n", found, ramp) * unit
    across = np.einsum("nij,j->n", found, ramp) * unit
    found -= down[:, None, None] * ramp[:, None] + across[:, None, None] * ramp
    spectrum = fft.rfft2(found * _window(side))
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    return np.asarray(power / np.float32(side * side), np.float32)


def variance(power: Float32) -> Float32:
    """(...) of (..., b, b // 2 + 1) powers: the part of it that is too fine for shading."""
    side = power.shape[-2]
    return np.asarray((power * _fine(side)).sum(axis=(-2, -1)) / np.float32(side * side))


def levelled(power: Float32) -> Float32:
    """(b, b // 2 + 1) with coarse frequencies, where shading is, no stronger than those beside."""
    side = len(power)
    beside = _fine(side) * (_radius(side) < _COARSE + 1.5)
    level = (power * beside).sum() / max(float(beside.sum()), 1.0)
    return np.where(_fine(side) > 0, power, np.minimum(power, level)).astype(np.float32)


def without_blotches(power: Float32) -> Float32:
    """(b, b // 2 + 1) with nothing coarser than grain: what is left has periods of 6 samples."""
    return np.where(_radius(len(power)) > len(power) / _BLOTCH, power, 0).astype(np.float32)


def means(plane: Float32, corners: Corners, side: int) -> Float32:
    """(N,) the mean of each block."""
    blurred = cv2.boxFilter(plane, -1, (side, side), anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred[corners[:, 0], corners[:, 1]], np.float32)


def _cells(plane: Float32, rows: int, columns: int) -> Float32:
    return np.asarray(cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


@lru_cache(maxsize=4)
def _window(side: int) -> Float32:
    """(b, b) Hann's, of mean square 1."""
    line = np.sin(np.pi * (np.arange(side) + 0.5) / side) ** 2
    window = line[:, None] * line
    return np.asarray(window / np.sqrt(np.square(window).mean()), np.float32)


@lru_cache(maxsize=4)
def _radius(side: int) -> Float32:
    """(b, b // 2 + 1) waves across a block."""
    down, across = np.fft.fftfreq(side, 1 / side), np.arange(side // 2 + 1)
    return np.asarray(np.hypot(down[:, None], across), np.float32)


@lru_cache(maxsize=4)
def _fine(side: int) -> Float32:
    """(b, b // 2 + 1) how many of all frequencies each stands for; 0 for the coarse."""
    counts = np.full((side, side // 2 + 1), 2, np.float32)
    counts[:, [0, -1]] = 1
    counts[_radius(side) <= _COARSE] = 0
    return counts
