"""How close a picture is to the truth: PSNR and SSIM."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidrestore.measure.levels import Levels, Mask, counted, levels, same_size

_PEAK = 255.0
_BLOCK = 8
SSIM_WINDOW = 11
"""Side of the least picture that SSIM measures, px."""


def psnr(output: NDArray[Any], truth: NDArray[Any], mask: NDArray[Any] | None = None) -> float:
    """Peak signal-to-noise ratio, ``10 log10(255^2 / MSE)`` over the RGB samples counted.

    Returns:
        dB; infinity for equal pictures.

    Raises:
        ValueError: if the sizes differ or the mask counts nothing.
    """
    mine, true = levels(output), levels(truth)
    same_size(mine, true)
    return _psnr(mine, true, counted(mask, (mine.shape[0], mine.shape[1])))


def low_frequency_psnr(
    output: NDArray[Any], truth: NDArray[Any], mask: NDArray[Any] | None = None
) -> float:
    """PSNR of the means over 8x8 blocks: colour and shading, whatever the detail.

    A block counts if every pixel of it does; rows and columns beyond the last whole block are left
    out.

    Returns:
        dB; infinity for equal means.

    Raises:
        ValueError: if the sizes differ or no whole block counts.
    """
    mine, true = levels(output), levels(truth)
    same_size(mine, true)
    rows, columns = mine.shape[0] // _BLOCK, mine.shape[1] // _BLOCK
    chosen = counted(mask, (mine.shape[0], mine.shape[1]))
    whole = chosen[: rows * _BLOCK, : columns * _BLOCK]
    blocks: Mask = np.all(whole.reshape(rows, _BLOCK, columns, _BLOCK), axis=(1, 3))
    if not blocks.any():
        raise ValueError("the mask holds no whole block of 8x8 pixels")
    return _psnr(_block_means(mine), _block_means(true), blocks)


def ssim(output: NDArray[Any], truth: NDArray[Any], mask: NDArray[Any] | None = None) -> float:
    """Structural similarity (Wang et al., IEEE TIP 2004), mean of the three colour channels.

    The paper's Gaussian window (sigma 1.5, 11 px), K1 0.01, K2 0.03 and population covariance, with
    pictures mirrored at their edges; the map is averaged over the pixels counted.

    Returns:
        1 for equal pictures.

    Raises:
        ValueError: if the sizes differ, the mask counts nothing or a side is under 11 px.
    """
    import cv2  # noqa: PLC0415

    mine, true = levels(output), levels(truth)
    same_size(mine, true)
    chosen = counted(mask, (mine.shape[0], mine.shape[1]))
    if min(mine.shape[:2]) < SSIM_WINDOW:
        raise ValueError(f"SSIM needs pictures of {SSIM_WINDOW} px a side, not {mine.shape[:2]}")

    def mean(picture: Levels) -> Levels:
        border = cv2.BORDER_REFLECT
        return np.asarray(
            cv2.GaussianBlur(picture, (SSIM_WINDOW, SSIM_WINDOW), 1.5, borderType=border)
        )

    mean_mine, mean_true = mean(mine), mean(true)
    product = mean_mine * mean_true
    squares = mean_mine**2 + mean_true**2
    covariance = mean(mine * true) - product
    variances = mean(mine**2 + true**2) - squares
    first, second = (0.01 * _PEAK) ** 2, (0.03 * _PEAK) ** 2
    similarity = (2 * product + first) * (2 * covariance + second)
    similarity /= (squares + first) * (variances + second)
    return float(np.mean(similarity[chosen]))


def _psnr(mine: Levels, true: Levels, chosen: Mask) -> float:
    error = float(np.mean((mine[chosen] - true[chosen]) ** 2))
    return math.inf if error == 0.0 else 10.0 * math.log10(_PEAK**2 / error)


def _block_means(picture: Levels) -> Levels:
    rows, columns = picture.shape[0] // _BLOCK, picture.shape[1] // _BLOCK
    whole = picture[: rows * _BLOCK, : columns * _BLOCK]
    means: Levels = whole.reshape(rows, _BLOCK, columns, _BLOCK, 3).mean(axis=(1, 3))
    return means
