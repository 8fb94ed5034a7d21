"""Grain of a given spectrum, drawn from white noise.

A kernel whose transform is the root of the spectrum shapes white noise into noise of that spectrum
(spectral synthesis; Newson, Delon and Galerne, "A Stochastic Film Grain Model", 2017, reviews it).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

Float32 = NDArray[np.float32]


def kernel_of(power: Float32) -> Float32:
    """(b - 1, b - 1) kernel, symmetric, that gives white noise of variance 1 this power.

    Args:
        power: (b, b // 2 + 1), not negative; its mean over all frequencies is the variance.
    """
    side = power.shape[0]
    whole = fft.fftshift(fft.irfft2(np.sqrt(power), s=(side, side)))
    kernel = np.asarray(whole[1:, 1:], np.float32)  # odd, its middle in the middle
    wanted = float(np.square(whole).sum())
    left = float(np.square(kernel).sum())
    return kernel * np.float32(np.sqrt(wanted / left)) if left > 0 else kernel


def drawn(kernel: Float32, shape: tuple[int, int], seed: tuple[int, ...]) -> Float32:
    """(h, w) grain, the same for the same seed.

    Args:
        kernel: of ``kernel_of``.
        shape: h, w.
        seed: of whole numbers, none negative.
    """
    reach = len(kernel) // 2
    rows, columns = (length + 2 * reach for length in shape)
    white = np.random.default_rng(seed).standard_normal((rows, columns), np.float32)
    grain = cv2.filter2D(white, -1, kernel, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(grain[reach : rows - reach, reach : columns - reach], np.float32)
