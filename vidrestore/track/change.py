"""How different two pictures are, whatever their brightness and wherever the camera points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image
from vidrestore.track.geometry import Floats

# Cells that the longer side of a picture is divided into.
CELLS: Final = 48

# A row or column of cells that never gets brighter than this, of 255, is a black bar.
BAR_LEVEL: Final = 20.0

# Contrast, in levels, below which a picture counts as flat: noise must not look like structure.
FLAT: Final = 4.0

# A shift of the picture is followed up to this part of its sides.
LARGEST_SHIFT: Final = 0.4

# Shares of the cells at which the distributions of brightness and colour are compared.
QUANTILES: Final = (np.arange(16) + 0.5) / 16

# Weight of structure in the difference; the rest is that of the distributions.
STRUCTURE: Final = 0.7

LUMA: Final = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """What is kept of a picture.

    Attributes:
        cells: (rows, columns, 3) mean RGB of cells, 0..255.
        spectrum: Fourier transform of the cells' luma, by which shifts are found.
        tones: (3, Q) quantiles of luma, red and blue less luma, in units of the contrast.
    """

    cells: Floats
    spectrum: NDArray[np.complex128]
    tones: Floats


def glance(picture: Image) -> Glance:
    """Reduce a (h, w, 3) uint8 RGB picture to what ``difference`` compares."""
    height, width = picture.shape[:2]
    side = -(-max(height, width) // CELLS)
    rows, columns = max(1, height // side), max(1, width // side)
    inside = picture[: rows * side, : columns * side]
    down, across = inside.shape[0] // rows, inside.shape[1] // columns
    strips = inside.reshape(rows, down, -1).sum(axis=1, dtype=np.uint32)
    sums = strips.reshape(rows, columns, across, 3).sum(axis=2)
    cells: Floats = sums / float(down * across)
    luma = cells @ LUMA
    luma -= luma.mean()
    contrast = np.hypot(luma.std(), FLAT)
    tones = np.stack([luma, cells[..., 0] - cells @ LUMA, cells[..., 2] - cells @ LUMA])
    quantiles = np.quantile(tones.reshape(3, -1) / contrast, QUANTILES, axis=1).T
    return Glance(cells, np.fft.rfft2(luma), quantiles)


def difference(first: Glance, second: Glance) -> float:
    """How different two pictures of one size are.

    Structure is one minus the correlation of the cells, after the shift that correlates best; tones
    are the earth mover's distance of the distributions of brightness and colour. Both disregard
    overall brightness and contrast.

    Returns:
        0 for equal pictures, around 0.5 to 1 for unrelated ones.
    """
    if first.cells.shape != second.cells.shape:
        return 1.0
    lit = np.maximum(first.cells, second.cells).max(axis=2) > BAR_LEVEL
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    if not rows.size:
        return 0.0
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    one, other = first.cells[window], second.cells[window]
    alike = _correlation(one, other)
    shift = _shift(first, second)
    if shift != (0, 0):
        moved = _shifted(one, other, *shift)
        alike = max(alike, _correlation(*moved)) if moved else alike
    tones = float(np.abs(first.tones - second.tones).mean(axis=1).sum())
    return STRUCTURE * (1 - alike) + (1 - STRUCTURE) * min(tones, 1.0)


def _correlation(one: Floats, other: Floats) -> float:
    """-1..1 over cells and channels; two flat pictures are alike."""
    a = one - one.mean(axis=(0, 1))
    b = other - other.mean(axis=(0, 1))
    flat = FLAT**2
    energy = (np.mean(a * a) + flat) * (np.mean(b * b) + flat)
    return float((np.mean(a * b) + flat) / np.sqrt(energy))


def _shift(first: Glance, second: Glance) -> tuple[int, int]:
    """(rows, columns) by which the second picture lies beside the first (phase correlation)."""
    shape = first.cells.shape[:2]
    cross = second.spectrum * np.conj(first.spectrum)
    # Less than full whitening: at this size fine detail is noise.
    surface = np.fft.irfft2(cross / np.sqrt(np.abs(cross) + FLAT**2), s=shape)
    row, column = np.unravel_index(int(np.argmax(surface)), shape)
    half = (shape[0] // 2, shape[1] // 2)
    return (
        int(row) - shape[0] * (row > half[0]),
        int(column) - shape[1] * (column > half[1]),
    )


def _shifted(one: Floats, other: Floats, down: int, across: int) -> tuple[Floats, Floats] | None:
    """The parts that both pictures show if the second is shifted; None if that is too little."""
    rows, columns = one.shape[:2]
    if abs(down) > LARGEST_SHIFT * rows or abs(across) > LARGEST_SHIFT * columns:
        return None
    a = one[max(0, -down) : rows - max(0, down), max(0, -across) : columns - max(0, across)]
    b = other[max(0, down) : rows + min(0, down), max(0, across) : columns + min(0, across)]
    return a, b
