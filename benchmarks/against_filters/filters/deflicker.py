"""Take out flicker of light and contrast: each frame's mean and spread as those around it."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from benchmarks.against_filters.media import Pictures
from vidrestore.picture.luma import LUMA

_SIGMA = 8.0  # frames


def deflicker(pictures: Pictures, sigma: float = _SIGMA) -> Pictures:
    """Gain and offset by frame, so that mean and standard deviation of luma change slowly."""
    lumas = [picture.astype(np.float32) @ LUMA for picture in pictures]
    means, spreads = (np.array([float(f(luma)) for luma in lumas]) for f in (np.mean, np.std))
    level, width = (gaussian_filter1d(v, sigma, mode="nearest") for v in (means, spreads))
    gains = width / np.maximum(spreads, 1e-3)
    steady = [
        (picture.astype(np.float32) - mean) * gain + wanted
        for picture, mean, gain, wanted in zip(pictures, means, gains, level, strict=True)
    ]
    return np.stack(steady).round().clip(0, 255).astype(np.uint8)
