"""How much detail there is, how much of it is true, and how it is distributed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.against_filters.measures.reference import SPARSE, Reference
from benchmarks.against_filters.media import Floats, Pictures
from vidrestore.measure import high_frequency_energy, sharpness
from vidrestore.picture.luma import LUMA

_PATCH = 7
_PATCHES = 2048  # of each clip
_DIRECTIONS = 64
_SEED = 7


def detail(crops: Pictures, reference: Reference) -> dict[str, float]:
    """Correlated sharpness and energy above 1/8 of the sampling rate, over the truth's; SWD."""
    found: dict[str, float] = {}
    for name, region in reference.regions.items():
        frames = range(0, len(crops), 2 * SPARSE)
        pairs = [[region.of_picture(p[t]) for p in (crops, reference.truth)] for t in frames]
        pairs = [pair for pair in pairs if pair[1][region.mask].std() > 1]
        if pairs:
            held = [sharpness(*pair, region.mask) for pair in pairs]
            energy = [high_frequency_energy(*pair, region.mask) for pair in pairs]
            found[f"sharpness{name}"] = float(np.mean(held))
            found[f"energy{name}"] = float(np.mean(energy))
    return found | {"swd": sliced_wasserstein(crops, reference)}


def sliced_wasserstein(crops: Pictures, reference: Reference) -> float:
    """Distance of the distributions of the finest detail, in the truth's standard deviations.

    Sliced Wasserstein distance of 7x7 patches of the finest Laplacian band (Karras et al., ICLR
    2018), of the face's luma; both sets are divided by the truth's deviation, not each by its own,
    so that too little detail counts. A picture without any has about 0.8.
    """
    random = np.random.default_rng(_SEED)
    face = reference.face
    inside = cv2.erode(face.mask.astype(np.uint8), np.ones((_PATCH, _PATCH)))
    centres = np.argwhere(inside)
    each = max(1, _PATCHES // len(reference.sparse))
    mine, true = [], []
    for t in reference.sparse:
        chosen = centres[random.integers(0, len(centres), each)]
        for patches, pictures in ((mine, crops), (true, reference.truth)):
            patches.append(_patches(_finest(face.of_picture(pictures[t])), chosen))
    directions = random.standard_normal((_PATCH * _PATCH, _DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    first, second = (np.sort(np.concatenate(p) @ directions, axis=0) for p in (mine, true))
    spread = float(np.concatenate(true).std())
    return float(np.abs(first - second).mean() / max(spread, 1e-6))


def _finest(picture: Pictures) -> NDArray[np.float32]:
    """(S, S) the luma less what half the resolution holds of it."""
    luma = picture.astype(np.float32) @ LUMA
    coarse = cv2.pyrDown(luma)
    return np.asarray(luma - cv2.pyrUp(coarse, dstsize=luma.shape[::-1]), np.float32)


def _patches(plane: NDArray[np.float32], centres: NDArray[np.int64]) -> Floats:
    """(n, 49) the patches about places."""
    padded = np.pad(plane, _PATCH // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (_PATCH, _PATCH))
    return windows[centres[:, 0], centres[:, 1]].reshape(len(centres), -1).astype(np.float64)
