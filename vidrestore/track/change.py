"""How much of what two pictures show is the same, whatever their light and the camera's motion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vidrestore.datatypes import Image
from vidrestore.picture.luma import BT601
from vidrestore.track.geometry import Floats

# Cells that the longer side of a picture is divided into.
CELLS: Final = 48

# A row or column of cells that never gets brighter than this, of 255, is a black bar.
BAR_LEVEL: Final = 20.0

# Cells on either side that make a cell's neighbourhood: 5 x 5 cells.
NEIGHBOURHOOD: Final = 2

# Structure, in levels, that may be noise; and above which it counts, in full from four times on.
NOISE: Final = 1.6
COUNTED: Final = 2.6

# Neighbourhoods show the same if their structures correlate by this much and neither has this many
# times the other's contrast, the light on the whole picture aside.
CORRELATED: Final = 0.6
CONTRAST: Final = 2.0

# Contrast, in levels, below which shifts are not told apart.
FLAT: Final = 6.0

# Where pictures agree as much as this as they are, nobody looks for a shift.
SAME: Final = 0.7

# A cell has changed if its luma has by this part of the pictures' contrast.
CHANGED: Final = 0.5

# A shift of the picture is followed up to this part of its sides.
LARGEST_SHIFT: Final = 0.35

# Pictures with less structure than this, in parts of their cells, show nothing to tell them by.
BLANK: Final = 0.05

LUMA: Final = np.array(BT601)

Window = tuple[slice, slice]  # rows, columns


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """What is kept of a picture.

    Attributes:
        cells: (rows, columns, 3) mean RGB of cells, 0..255, specks taken off.
        detail: (rows, columns, 3) the cells less the mean of their neighbourhoods, levels.
        spread: (rows, columns) root of the mean of ``detail``'s squared length around, levels.
        contrast: standard deviation of the cells' luma, levels.
    """

    cells: Floats
    detail: Floats
    spread: Floats
    contrast: float


def glance(picture: Image) -> Glance:
    """Reduce a (h, w, 3) uint8 RGB picture to what ``agreement`` compares."""
    height, width = picture.shape[:2]
    side = -(-max(height, width) // CELLS)
    rows, columns = max(1, height // side), max(1, width // side)
    inside = picture[: rows * side, : columns * side]
    down, across = inside.shape[0] // rows, inside.shape[1] // columns
    strips = inside.reshape(rows, down, -1).sum(axis=1, dtype=np.uint32)
    sums = strips.reshape(rows, columns, across, 3).sum(axis=2)
    cells = _without_specks(sums / float(down * across))
    detail = cells - _around(cells)
    spread = np.sqrt(_around((detail**2).sum(axis=2)).clip(0))
    return Glance(cells, detail, spread, float((cells @ LUMA).std()))


def agreement(first: Glance, second: Glance) -> float:
    """Part of what two pictures show, 0..1, that both show; 0 if their sizes differ.

    Neighbourhood by neighbourhood, those with structure alone: it is the same where it correlates.
    So light does not matter, and what passes before the camera changes its own place, a cut all.
    The pictures are compared as they are, and shifted so that they correlate best (a moving
    camera); the better counts. Pictures that both show nothing agree.
    """
    if first.cells.shape != second.cells.shape:
        return 0.0
    window = _lit(first, second)
    if window is None:
        return 1.0
    shown = _structure(np.maximum(first.spread, second.spread)[window])
    if shown.mean() < BLANK:
        return 1.0
    agreeing = _agreeing(first, second, window, window)
    if agreeing < SAME * shown.sum():
        agreeing = max(agreeing, _agreeing(first, second, *_aligned(first, second, window)))
    return min(agreeing / float(shown.sum()), 1.0)


def changed_share(first: Glance, second: Glance) -> float:
    """Part of the cells, 0..1, that became brighter or darker than most; 1 if the sizes differ.

    What comes and goes at the edge of a dull picture is all that it shows, but a small part of it.
    """
    if first.cells.shape != second.cells.shape:
        return 1.0
    window = _lit(first, second)
    if window is None:
        return 0.0
    least = CHANGED * np.hypot(min(first.contrast, second.contrast), FLAT)
    change = (second.cells[window] - first.cells[window]) @ LUMA
    return float(np.mean(np.abs(change - np.median(change)) > least))


def _agreeing(first: Glance, second: Glance, here: Window, there: Window) -> float:
    """How much structure agrees between a window of the first and one of the second, cells."""
    one, other = first.spread[here], second.spread[there]
    together = _around((first.detail[here] * second.detail[there]).sum(axis=2))
    correlation = together / np.sqrt((one**2 + NOISE**2) * (other**2 + NOISE**2))
    weights = _structure(np.maximum(one, other))
    same = (correlation > CORRELATED) & (weights > 0)
    if not same.any():
        return 0.0
    ratio = np.log((one + 1) / (other + 1))
    same &= np.abs(ratio - np.median(ratio[same])) < np.log(CONTRAST)
    return float(weights[same].sum())


def _structure(spread: Floats) -> Floats:
    """How much each cell's neighbourhood counts, 0..1."""
    counted: Floats = np.clip(spread / COUNTED - 1, 0, 3) / 3
    return counted


def _lit(first: Glance, second: Glance) -> Window | None:
    """The cells between black bars; None if all is black."""
    lit = np.maximum(first.cells, second.cells).max(axis=2) > BAR_LEVEL
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    if not rows.size:
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _without_specks(cells: Floats) -> Floats:
    """Median of each cell and its eight neighbours: dust, scratches and grain go, shapes stay."""
    rows, columns = cells.shape[:2]
    padded = np.pad(cells, ((1, 1), (1, 1), (0, 0)), mode="edge")
    shifted = [padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)]
    median: Floats = np.partition(np.stack(shifted), 4, axis=0)[4]
    return median


def _around(cells: Floats) -> Floats:
    """Mean of each cell's neighbourhood, the border repeated, for each further axis."""
    reach = 2 * NEIGHBOURHOOD + 1
    further = ((0, 0),) * (cells.ndim - 2)
    edge = ((NEIGHBOURHOOD, NEIGHBOURHOOD),) * 2
    padded = np.pad(cells, (*edge, *further), mode="edge")
    summed = np.pad(padded.cumsum(axis=0).cumsum(axis=1), (((1, 0),) * 2 + further))
    total = summed[reach:, reach:] - summed[:-reach, reach:]
    total += summed[:-reach, :-reach] - summed[reach:, :-reach]
    mean: Floats = total / reach**2
    return mean


def _aligned(first: Glance, second: Glance, window: Window) -> tuple[Window, Window]:
    """The parts of a window that two pictures share, shifted so that their luma correlates best.

    Correlation over the overlap at every shift, by Fourier transforms (Padfield, "Masked object
    registration in the Fourier domain", IEEE TIP 21(5), 2012).
    """
    a, b = (picture.cells[window] @ LUMA for picture in (first, second))
    a, b = a - a.mean(), b - b.mean()
    rows, columns = a.shape
    shape = (2 * rows, 2 * columns)
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
    y, x = window[0].start, window[1].start
    return (
        (
            slice(y + max(0, -down), y + rows - max(0, down)),
            slice(x + max(0, -across), x + columns - max(0, across)),
        ),
        (
            slice(y + max(0, down), y + rows + min(0, down)),
            slice(x + max(0, across), x + columns + min(0, across)),
        ),
    )
