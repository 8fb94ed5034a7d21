"""Filters of single pictures, by OpenCV."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.against_filters.media import Pictures

_STRENGTH = 5.0  # of non-local means
_PATCH, _WINDOW = 7, 21  # px


def unsharp(pictures: Pictures, sigma: float = 2.0, amount: float = 1.0) -> Pictures:
    """The unsharp mask: what a Gaussian of ``sigma`` takes away, ``amount`` times, added."""
    if not amount:
        return pictures
    sharp = []
    for picture in pictures:
        low = cv2.GaussianBlur(picture, (0, 0), sigma)
        sharp.append(cv2.addWeighted(picture, 1 + amount, low, -amount, 0.0))
    return np.stack(sharp).astype(np.uint8, copy=False)


def non_local_means(pictures: Pictures) -> Pictures:
    """Non-local means (Buades et al., CVPR 2005) of each frame."""
    clean = [
        cv2.fastNlMeansDenoisingColored(picture, None, _STRENGTH, _STRENGTH, _PATCH, _WINDOW)
        for picture in pictures
    ]
    return np.stack(clean).astype(np.uint8, copy=False)
