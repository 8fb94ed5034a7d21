"""Truths as everyday video shows faces: portraits are sharper."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from training.samples.augment import Picture
from training.samples.portraits import CROP
from training.samples.wear import video


def soften(picture: Picture, part: float, rng: Generator) -> Picture:
    """A picture as everyday video shows a face, or the picture itself.

    Beside portraits such faces are as soft as after a Gaussian of 0.3 to 2 px at 512: by the lens,
    or because the camera saw fewer pixels. Many are sharpened in the camera, and have lost to a
    codec what is faint, though not what is distinct.

    Args:
        picture: (512, 512, 3) RGB, 0 to 1.
        part: how many of all pictures are softened, 0 to 1.
        rng: draws whether and how.
    """
    if rng.random() >= part:
        return picture
    if rng.random() < 0.5:
        soft = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 2.5))
    else:
        soft = resolved(picture, round(CROP / rng.uniform(1.2, 3.2)))
    if rng.random() < 0.4:
        lower = cv2.GaussianBlur(soft, (0, 0), rng.uniform(1.0, 2.5))
        soft = np.clip(soft + np.float32(rng.uniform(0.3, 1.2)) * (soft - lower), 0.0, 1.0)
    if rng.random() < 0.5:
        (soft,) = video([soft], "libx264", int(rng.integers(17, 27)), rng)
    return np.asarray(soft, np.float32)


def resolved(picture: Picture, side: int) -> Picture:
    """What so many pixels across hold of a (512, 512, 3) picture, at its size."""
    if side >= CROP:
        return picture
    few = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    grown = cv2.resize(few, (CROP, CROP), interpolation=cv2.INTER_CUBIC)
    return np.clip(grown, 0.0, 1.0)
