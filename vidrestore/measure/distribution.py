"""Whether the finest detail is distributed as the truth's, wherever it lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.measure.levels import Mask, counted, levels
from vidrestore.picture.luma import LUMA

_PATCH = 7
_PATCHES = 2048
_DIRECTIONS = 64
_SEED = 7


def sliced_wasserstein(
    outputs: Sequence[NDArray[Any]], truths: Sequence[NDArray[Any]], mask: Mask | None = None
) -> float:
    """Distance of the distributions of the finest detail, in the truth's standard deviations.

    Sliced Wasserstein distance of 2048 patches of 7x7 of luma's finest Laplacian band (Karras et
    al., "Progressive Growing of GANs", ICLR 2018, arXiv 1710.10196). Both sets are divided by the
    truth's deviation, not each by its own, so that too little detail counts. A picture without any
    has about 0.8.

    Args:
        outputs: (H, W, 3) each.
        truths: as many, of the same shape.
        mask: (H, W), of all of them; patches lie wholly inside.

    Raises:
        ValueError: no patch does.
    """
    random = np.random.default_rng(_SEED)
    chosen = counted(mask, (truths[0].shape[0], truths[0].shape[1]))
    inside = cv2.erode(chosen.astype(np.uint8), np.ones((_PATCH, _PATCH)))
    if not inside.any():
        raise ValueError(f"the mask holds no whole patch of {_PATCH}x{_PATCH} pixels")
    centres, each = np.argwhere(inside), max(1, _PATCHES // len(truths))
    mine, true = [], []
    for output, truth in zip(outputs, truths, strict=True):
        here = centres[random.integers(0, len(centres), each)]
        mine.append(_patches(_finest(output), here))
        true.append(_patches(_finest(truth), here))
    directions = random.standard_normal((_PATCH * _PATCH, _DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    first, second = (np.sort(np.concatenate(p) @ directions, axis=0) for p in (mine, true))
    spread = float(np.concatenate(true).std())
    return float(np.abs(first - second).mean() / max(spread, 1e-6))


def _finest(picture: NDArray[Any]) -> NDArray[np.float32]:
    """(H, W) luma less what half the resolution holds of it."""
    plane = levels(picture).astype(np.float32) @ LUMA
    grown = cv2.pyrUp(cv2.pyrDown(plane), dstsize=plane.shape[::-1])
    return np.asarray(plane - grown, np.float32)


def _patches(plane: NDArray[np.float32], centres: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n, 49) the patches about places."""
    padded = np.pad(plane, _PATCH // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (_PATCH, _PATCH))
    return windows[centres[:, 0], centres[:, 1]].reshape(len(centres), -1).astype(np.float64)
