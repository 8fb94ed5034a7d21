"""The motion-compensated temporal filter: each frame averaged with its neighbours, 4 + 4.

Dense inverse search (Kroeger et al., ECCV 2016) finds each frame in its neighbours directly; what
it brings over counts as far as it agrees with the frame, judged on small neighbourhoods against the
noise of that frame. One setting serves everything: of those tried (two rigid and two real clips of
each kind) it was within .03 dB of the best on every kind.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.against_filters.media import Pictures

Floats32 = NDArray[np.float32]
Gray = NDArray[np.uint8]

REACH = 4  # frames either side
_BEFORE_FLOW = 1.0  # sigma of the blur that keeps flow from following noise, px
_NEIGHBOURHOOD = 3.0  # sigma of the window in which frames are compared, px
_NOISE = 2.0  # squared difference, in medians of it, that noise alone may make
_TOLERANCE = 6.0  # levels beyond that noise at which a neighbour's weight has fallen to 1/e


def motion_filter(pictures: Pictures, reach: int = REACH) -> Pictures:
    """Every frame averaged with up to ``reach`` frames before and after it.

    Args:
        pictures: (T, H, W, 3) uint8 RGB, H and W of at least 16.
        reach: frames either side.
    """
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    soft = [_soft_gray(picture) for picture in pictures]
    lumas = [cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float32) for p in pictures]
    colours = [picture.astype(np.float32) for picture in pictures]
    places = _grid(pictures.shape[1:3])
    filtered = []
    for now in range(len(pictures)):
        others = [o for o in range(now - reach, now + reach + 1) if o != now and 0 <= o < len(soft)]
        brought, changes = [], []
        for other in others:
            there = places + search.calc(soft[now], soft[other], None)
            brought.append(_at(colours[other], there))
            difference = _at(lumas[other], there) - lumas[now]
            changes.append(cv2.GaussianBlur(difference * difference, (0, 0), _NEIGHBOURHOOD))
        filtered.append(_averaged(colours[now], brought, changes))
    return np.stack(filtered)


def _averaged(now: Floats32, brought: list[Floats32], changes: list[Floats32]) -> Pictures:
    """The frame and what its neighbours say, weighted."""
    total, weights = now.copy(), np.ones(now.shape[:2], np.float32)
    noise = float(np.median([np.median(change) for change in changes])) if changes else 0.0
    for other, change in zip(brought, changes, strict=True):
        beyond = np.maximum(change - _NOISE * noise, 0)
        weight = np.exp(-beyond / (_TOLERANCE**2 + noise))
        total += weight[..., None] * other
        weights += weight
    return np.asarray((total / weights[..., None]).round().clip(0, 255), np.uint8)


def _soft_gray(picture: Pictures) -> Gray:
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.GaussianBlur(gray, (0, 0), _BEFORE_FLOW), np.uint8)


def _grid(shape: tuple[int, ...]) -> Floats32:
    """(H, W, 2) each pixel's own xy."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    return np.stack([x, y], axis=-1).astype(np.float32)


def _at(picture: Floats32, places: Floats32) -> Floats32:
    """The picture's values at places."""
    values = cv2.remap(picture, places, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(values, np.float32)
