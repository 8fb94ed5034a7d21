"""How worn a face looks, without knowing the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Faces are looked at in one size, so that a large one that is blurred counts as worn.
_SIDE = 128
# px of that size: what is finer is detail.
_DETAIL_SIGMA = 1.5
# The share of detail in the contrast of a face that is sharp, and a noise that hides most detail.
_SHARP_SHARE = 0.2
_NOISE_LEVELS = 12.0
# Immerkaer's mask (Fast Noise Variance Estimation, CVIU 1996): blind to edges and gradients.
_NOISE_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)


def wear(luma: NDArray[Any]) -> float:
    """How much a face lacks: the larger of what blur and noise have taken.

    Blur is measured by the share that detail has in the contrast of the face, brought to 128 px;
    noise by Immerkaer's estimate. Neither tells detail of the face from that of its surroundings:
    good enough to choose where to look.

    Args:
        luma: (h, w) of the face, 0..255.

    Returns:
        0 for a sharp and clean face, 1 for one that is hardly there.

    Raises:
        ValueError: the picture has fewer than 3 rows or columns.
    """
    import cv2  # noqa: PLC0415

    picture = np.ascontiguousarray(luma, np.float32)
    if picture.ndim != 2 or min(picture.shape) < 3:
        raise ValueError(f"a face of shape {picture.shape}, expected (h, w) from 3 on")
    responses = cv2.filter2D(picture, -1, _NOISE_MASK)[1:-1, 1:-1]
    noise = float(np.sqrt(np.pi / 2) / 6 * np.abs(responses).mean())
    shrinks = min(picture.shape) > _SIDE
    way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    seen = cv2.resize(picture, (_SIDE, _SIDE), interpolation=way)
    detail = seen - cv2.GaussianBlur(seen, (0, 0), _DETAIL_SIGMA)
    contrast = float(seen.std())
    share = float(detail.std()) / contrast if contrast > 0 else 0.0
    return max(1.0 - min(share / _SHARP_SHARE, 1.0), min(noise / _NOISE_LEVELS, 1.0))
