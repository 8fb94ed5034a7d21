"""What the product hands to its network: a face averaged over the frames around it.

The program brings the frames before and after along the motion and averages what did not change,
at the face's own resolution; where lids, lips or the whole head changed, the frame itself is left.
Here the motion is known, so a clip is moved, worn, brought back with a little error, and averaged
under weights of that kind. So it differs from place to place what is left of noise and blocks.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.samples.augment import Picture
from training.samples.degradations import Clip, Severity, degrade, enlarge
from training.samples.portraits import CROP

_ALONE = 0.3
"""Part of the samples that are a single frame: photos, and what follows a cut."""
_MOST = 7
_HALVED_FROM = 2.0
"""Reduction from which wear is drawn at half size, which is faster and looks the same."""
_REACH = np.array([70.0, 70.0, 0.0, 80.0, 80.0])
"""Radii around eyes and mouth corners that may move by themselves, px of the 512 crop."""


class Averaged(NamedTuple):
    """What is handed to the network.

    Attributes:
        picture: (512, 512, 3) RGB, 0 to 1, averaged over the frames.
        own: of the same shape, the frame alone.
        pixel: how many of their pixels a pixel of the worn frame became.
    """

    picture: Picture
    own: Picture
    pixel: float


def averaged(
    truth: Picture, landmarks: NDArray[np.float64], severity: Severity, rng: Generator
) -> Averaged:
    """The truth worn, averaged over the frames of a short clip, and enlarged.

    Args:
        truth: (512, 512, 3) RGB, 0 to 1.
        landmarks: (5, 2) xy px in it.
        severity: bounds of the wear.
        rng: draws everything.
    """
    if severity.untouched:
        return Averaged(truth, truth, CROP / (severity.frame or CROP))
    count = 1 if rng.random() < _ALONE else int(rng.integers(2, _MOST + 1))
    side = CROP // 2 if severity.reduction >= _HALVED_FROM else CROP
    base = truth if side == CROP else cv2.resize(truth, (side, side), interpolation=cv2.INTER_AREA)
    motion = np.rint(_motion(count, rng) * (side / CROP))
    here = count // 2
    motion -= motion[here]
    worn = degrade(_moved(base, motion.astype(int)), severity, rng)
    small = worn[0].shape[0]
    if count == 1:
        (alone,) = enlarge(worn, rng)
        return Averaged(alone, alone, CROP / small)
    back = -motion * (small / side) + rng.normal(0, 0.12, motion.shape)
    weight = _weights(landmarks, small, rng)
    total, weights = worn[here].copy(), np.ones((small, small, 1), np.float32)
    for place, (frame, by) in enumerate(zip(worn, back, strict=True)):
        if place != here:
            own = weight * np.float32(rng.uniform(0.6, 1.0))
            total += own * _shifted(frame, by)
            weights += own
    mean, own = enlarge([total / weights, worn[here]], rng)
    return Averaged(mean, own, CROP / small)


def _motion(count: int, rng: Generator) -> NDArray[np.float64]:
    """(count, 2) px of the 512 crop: one course, and a little trembling."""
    course = rng.normal(0, 2.5, 2) * np.arange(count)[:, None]
    return np.asarray(course + rng.normal(0, 0.8, (count, 2)))


def _moved(picture: Picture, motion: NDArray[np.int_]) -> Clip:
    """The picture moved by whole px."""
    most = int(np.abs(motion).max())
    wide = cv2.copyMakeBorder(picture, most, most, most, most, cv2.BORDER_REFLECT)
    height, width = picture.shape[:2]
    return [wide[most - y : most - y + height, most - x : most - x + width] for x, y in motion]


def _shifted(picture: Picture, by: NDArray[np.float64]) -> Picture:
    if not by.any():
        return picture
    move = np.array([[1, 0, by[0]], [0, 1, by[1]]], np.float64)
    size = picture.shape[1::-1]
    moved = cv2.warpAffine(
        picture, move, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    return moved.astype(np.float32, copy=False)


def _weights(landmarks: NDArray[np.float64], side: int, rng: Generator) -> NDArray[np.float32]:
    """(side, side, 1): how far other frames are trusted; less where something moves by itself."""
    whole = 0.1 if rng.random() < 0.12 else rng.uniform(0.6, 1.0)
    weight = np.full((side, side), whole, np.float32)
    axis = np.arange(side, dtype=np.float32)
    at = (landmarks + 0.5) * (side / CROP) - 0.5
    for moves, points in ((rng.random() < 0.4, (0, 1)), (rng.random() < 0.4, (3, 4))):
        if not moves:
            continue
        left = rng.uniform(0.0, 0.3)
        for point in points:
            radius = _REACH[point] * rng.uniform(0.7, 1.3) * side / CROP
            x, y = ((axis - at[point, i]) / radius for i in (0, 1))
            bump = np.exp(-(y[:, None] ** 2 + x[None] ** 2))
            weight *= (1 - (1 - left) * bump).astype(np.float32)
    return weight[..., None]
