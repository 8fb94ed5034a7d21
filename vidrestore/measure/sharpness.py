"""How much true detail a picture holds.

Detail is the luma's energy at frequencies above 1/8 of the sampling rate (0.125 cycles per pixel,
radially). It is looked at in rings, because a restored picture holds the coarse detail well and the
finest hardly: one correlation over all of it would say neither. In ring b, with o and t the
band-passed output and truth over the pixels counted, ``(sum o t)^2 / sum t^2`` is the energy of the
part of o that is a multiple of t. Noise and invented texture do not correlate with t and earn
nothing; a part that correlates negatively earns nothing either.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidrestore.measure.levels import Levels, Mask, counted, levels, luma, same_size

# Cycles per pixel; the last ring takes the corners of the spectrum too.
_RING_EDGES = (0.125, 0.1875, 0.25, 0.375, 0.75)


def sharpness(output: NDArray[Any], truth: NDArray[Any], mask: NDArray[Any] | None = None) -> float:
    """Energy of the true detail in the output, over the truth's own.

    ``sum_b max(0, sum o t)^2 / sum t^2``, over ``sum_b sum t^2``.

    Returns:
        1 for the truth itself, near 0 for a blurred picture whatever its noise; above 1 where true
        detail is exaggerated.

    Raises:
        ValueError: if the sizes differ, the mask counts nothing, or the truth has no detail.
    """
    chosen = counted(mask, (truth.shape[0], truth.shape[1]))
    held = own = 0.0
    for mine, true in _rings(output, truth, chosen):
        energy = float(true @ true)
        own += energy
        if energy > 0.0:
            held += max(0.0, float(mine @ true)) ** 2 / energy
    return held / _some_detail(own)


def standing_sharpness(
    outputs: NDArray[Any], truth: NDArray[Any], mask: NDArray[Any] | None = None
) -> float:
    """Sharpness of the average over time of a clip whose truth stands still.

    What changes from frame to frame averages out, so flickering detail earns only its constant
    part.

    Args:
        outputs: (T, H, W, 3).
        truth: (H, W, 3).
        mask: (H, W) or None.

    Raises:
        ValueError: as ``sharpness`` does.
    """
    return sharpness(levels(outputs).mean(axis=0), truth, mask)


def high_frequency_energy(
    output: NDArray[Any], truth: NDArray[Any], mask: NDArray[Any] | None = None
) -> float:
    """Energy of all the output's detail, true or not, over the truth's: ``sum o^2 / sum t^2``.

    Under ``sharpness`` by nothing: the excess over it is noise and invented texture.

    Raises:
        ValueError: if the sizes differ, the mask counts nothing, or the truth has no detail.
    """
    chosen = counted(mask, (truth.shape[0], truth.shape[1]))
    total = own = 0.0
    for mine, true in _rings(output, truth, chosen):
        total += float(mine @ mine)
        own += float(true @ true)
    return total / _some_detail(own)


def _rings(
    output: NDArray[Any], truth: NDArray[Any], chosen: Mask
) -> Iterator[tuple[Levels, Levels]]:
    """The counted samples of both, band-passed, ring by ring."""
    mine, true = luma(output), luma(truth)
    same_size(mine, true)
    spectra = [np.fft.rfft2(_mirrored(picture)) for picture in (mine, true)]
    height, width = mine.shape
    down = np.fft.fftfreq(2 * height)[:, None]
    across = np.fft.rfftfreq(2 * width)[None, :]
    radius = np.hypot(down, across)
    for inner, outer in pairwise(_RING_EDGES):
        ring = (radius >= inner) & (radius < outer)
        mine_ring, true_ring = (
            np.fft.irfft2(spectrum * ring, s=(2 * height, 2 * width))[:height, :width][chosen]
            for spectrum in spectra
        )
        yield mine_ring, true_ring


def _mirrored(picture: Levels) -> Levels:
    """The picture and its mirror images: a period without an edge at the borders."""
    beside = np.concatenate([picture, picture[:, ::-1]], axis=1)
    return np.concatenate([beside, beside[::-1]], axis=0)


def _some_detail(energy: float) -> float:
    if energy <= 1e-9:
        raise ValueError("the truth has no detail above 1/8 of the sampling rate")
    return energy
