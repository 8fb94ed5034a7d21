"""How different two pictures are, whatever their light and wherever the camera points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vidrestore.datatypes import Image
from vidrestore.track.geometry import Floats

# Cells that the longer side of a picture is divided into.
CELLS: Final = 48

# A row or column of cells that never gets brighter than this, of 255, is a black bar.
BAR_LEVEL: Final = 20.0

# Contrast, in levels, below which a picture counts as flat: noise must not look like structure.
FLAT: Final = 6.0

# Cells on either side that tell the light at a cell.
NEIGHBOURHOOD: Final = 2

# Contrast within a neighbourhood, in levels, that counts as flat.
LOCALLY_FLAT: Final = 4.0

# Where pictures are so much alike as they are, nobody looks for a shift.
ALIKE: Final = 0.95

# A shift of the picture is followed up to this part of its sides.
LARGEST_SHIFT: Final = 0.45

# Shares of the cells at which the distributions of brightness and colour are compared.
QUANTILES: Final = (np.arange(16) + 0.5) / 16

# A cell has changed if its luma has by this part of the pictures' contrast.
CHANGED: Final = 0.5

# What a change of structure counts where tones stay the same; the rest takes other tones.
SAME_TONES: Final = 0.6

LUMA: Final = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """What is kept of a picture.

    Attributes:
        cells: (rows, columns, 3) mean RGB of cells, 0..255, specks taken off.
        detail: (rows, columns) luma of the cells less that around, in units of the local contrast.
        tones: (3, Q) quantiles of luma, red and blue less luma, in units of the contrast.
        contrast: standard deviation of the cells' luma, levels.
    """

    cells: Floats
    detail: Floats
    tones: Floats
    contrast: float


def glance(picture: Image) -> Glance:
    """Reduce a (h, w, 3) uint8 RGB picture to what ``difference`` compares."""
    height, width = picture.shape[:2]
    side = -(-max(height, width) // CELLS)
    rows, columns = max(1, height // side), max(1, width // side)
    inside = picture[: rows * side, : columns * side]
    down, across = inside.shape[0] // rows, inside.shape[1] // columns
    strips = inside.reshape(rows, down, -1).sum(axis=1, dtype=np.uint32)
    sums = strips.reshape(rows, columns, across, 3).sum(axis=2)
    cells = _without_specks(sums / float(down * across))
    luma = cells @ LUMA
    local = luma - _around(luma)
    detail = local / np.sqrt(_around(local**2) + LOCALLY_FLAT**2)
    tones = np.stack([luma - luma.mean(), cells[..., 0] - luma, cells[..., 2] - luma])
    contrast = float(luma.std())
    tones /= np.hypot(contrast, FLAT)
    quantiles = np.quantile(tones.reshape(3, -1), QUANTILES, axis=1).T
    return Glance(cells, detail, quantiles, contrast)


def difference(first: Glance, second: Glance) -> float:
    """How different two pictures of one size are.

    Structure is one minus the best correlation of: the cells; the cells after the shift that
    correlates best (a moving camera); local detail (a change of light). It counts fully if the
    distributions of brightness and colour, overall brightness and contrast taken out, differ too.

    Returns:
        0 for equal pictures, about 0.3 to 1 for unrelated ones.
    """
    if first.cells.shape != second.cells.shape:
        return 1.0
    window = _lit(first, second)
    if window is None:
        return 0.0
    one, other = first.cells[window], second.cells[window]
    detail = first.detail[window], second.detail[window]
    alike = max(_correlation(one, other, FLAT), _correlation(*detail, 1 / LOCALLY_FLAT))
    if alike < ALIKE:
        alike = max(alike, _correlation(*_aligned(one, other), FLAT))
    tones = float(np.abs(first.tones - second.tones).mean(axis=1).sum())
    return (1 - alike) * (SAME_TONES + (1 - SAME_TONES) * min(tones, 1.0))


def changed_share(first: Glance, second: Glance) -> float:
    """Part of the cells, 0..1, that changed between two pictures; 1 if their sizes differ.

    What passes before the camera changes its own place, a cut nearly all.
    """
    if first.cells.shape != second.cells.shape:
        return 1.0
    window = _lit(first, second)
    if window is None:
        return 0.0
    least = CHANGED * np.hypot(min(first.contrast, second.contrast), FLAT)
    change = (first.cells[window] - second.cells[window]) @ LUMA
    return float(np.mean(np.abs(change) > least))


def _lit(first: Glance, second: Glance) -> tuple[slice, slice] | None:
    """The cells between black bars; None if all is black."""
    lit = np.maximum(first.cells, second.cells).max(axis=2) > BAR_LEVEL
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    if not rows.size:
        return None
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _without_specks(cells: Floats) -> Floats:
    """Median of each cell and its eight neighbours: dust, scratches and grain go, shapes stay."""
    rows, columns = cells.shape[:2]
    padded = np.pad(cells, ((1, 1), (1, 1), (0, 0)), mode="edge")
    shifted = [padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)]
    median: Floats = np.partition(np.stack(shifted), 4, axis=0)[4]
    return median


def _around(plane: Floats) -> Floats:
    """Mean of each cell's neighbourhood, the border repeated."""
    reach = 2 * NEIGHBOURHOOD + 1
    padded = np.pad(plane, NEIGHBOURHOOD, mode="edge")
    summed = np.pad(padded.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    total = summed[reach:, reach:] - summed[:-reach, reach:]
    total += summed[:-reach, :-reach] - summed[reach:, :-reach]
    mean: Floats = total / reach**2
    return mean


def _correlation(one: Floats, other: Floats, flat: float) -> float:
    """-1..1 over cells and channels; pictures with less contrast than ``flat`` are alike."""
    a = one - one.mean(axis=(0, 1))
    b = other - other.mean(axis=(0, 1))
    energy = (np.mean(a * a) + flat**2) * (np.mean(b * b) + flat**2)
    return float((np.mean(a * b) + flat**2) / np.sqrt(energy))


def _aligned(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """The parts that two pictures share at the shift at which their luma correlates best.

    Correlation over the overlap at every shift, by Fourier transforms (Padfield, "Masked object
    registration in the Fourier domain", IEEE TIP 21(5), 2012).
    """
    rows, columns = one.shape[:2]
    shape = (2 * rows, 2 * columns)
    a, b = (picture @ LUMA - (picture @ LUMA).mean() for picture in (one, other))
    planes = np.stack([np.ones_like(a), a, a * a, b, b * b])
    mask, fa, faa, fb, fbb = np.fft.rfft2(planes, s=shape)
    # At (dy, dx): sums over cells p of the first and p + (dy, dx) of the second.
    spectra = np.stack(
        [
            np.conj(mask) * mask,
            np.conj(fa) * mask,
            np.conj(faa) * mask,
            np.conj(mask) * fb,
            np.conj(mask) * fbb,
            np.conj(fa) * fb,
        ]
    )
    count, sa, saa, sb, sbb, sab = np.fft.irfft2(spectra, s=shape)
    count = np.maximum(count, 1.0)
    flat = FLAT**2
    variance = (saa / count - (sa / count) ** 2).clip(0) + flat
    variance *= (sbb / count - (sb / count) ** 2).clip(0) + flat
    score = (sab / count - sa * sb / count**2 + flat) / np.sqrt(variance)
    most = int(LARGEST_SHIFT * rows), int(LARGEST_SHIFT * columns)
    score[most[0] + 1 : shape[0] - most[0]] = -np.inf
    score[:, most[1] + 1 : shape[1] - most[1]] = -np.inf
    y, x = (int(i) for i in np.unravel_index(int(np.argmax(score)), shape))
    down, across = y - shape[0] * (y > rows), x - shape[1] * (x > columns)
    return (
        one[max(0, -down) : rows - max(0, down), max(0, -across) : columns - max(0, across)],
        other[max(0, down) : rows + min(0, down), max(0, across) : columns + min(0, across)],
    )
