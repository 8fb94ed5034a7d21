"""Heads that turn: portraits are frontal, and people who talk are not.

A face is taken for an ellipsoid with a nose, whose points move by their depth as it turns; what is
around it stays. Good for some 25 degrees to the side and 15 up or down.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.samples.augment import Picture
from training.samples.portraits import CROP

_TURNED = 0.6
"""Part of the pictures that are turned."""
_YAW, _PITCH = 11.0, 6.0
"""Standard deviations of the angles, degrees."""
_MOST = 25.0, 14.0
"""Yaw and pitch at most, degrees."""
_MIDDLE = 256.0, 290.0
_RADII = 165.0, 215.0
"""Of the ellipsoid in the picture, across and down, px."""
_DEPTH = 130.0
"""How far its middle lies before its rim, px."""
_AROUND = [0, 1, 3, 4]
"""Landmarks of eyes and mouth."""
_CELL, _ROUNDS = 8, 12
"""Size of the cells that the displacement is inverted on, px, and steps that it takes."""
_NOSE, _NOSE_SIZE, _NOSE_DEPTH = (256.0, 318.0), (30.0, 42.0), 30.0


def turn(
    picture: Picture, landmarks: NDArray[np.float64], rng: Generator
) -> tuple[Picture, NDArray[np.float64]]:
    """A (512, 512, 3) crop and its (5, 2) landmarks with the head turned, or as they were.

    The middle of eyes and mouth stays where it is, as crops follow faces.

    Args:
        picture: RGB, 0 to 1.
        landmarks: xy px in it; eyes, nose, corners of the mouth.
        rng: draws whether and how far.
    """
    if rng.random() >= _TURNED:
        return picture, landmarks
    angles = rng.normal(0.0, (_YAW, _PITCH)).clip(np.negative(_MOST), _MOST)
    shift = _displacement(landmarks, angles)[_AROUND].mean(axis=0)
    centres = (np.arange(CROP // _CELL) + 0.5) * _CELL - 0.5
    places = np.stack(np.meshgrid(centres, centres), axis=-1)
    sources = places
    for _ in range(_ROUNDS):  # known is where points go; asked is where pixels come from
        sources = places + shift - _displacement(sources, angles)
    fine = cv2.resize((sources - places).astype(np.float32), (CROP, CROP))
    grid = np.stack(np.meshgrid(*[np.arange(CROP, dtype=np.float32)] * 2), axis=-1)
    border = cv2.BORDER_REFLECT
    turned = cv2.remap(picture, grid + fine, None, cv2.INTER_CUBIC, borderMode=border)
    return turned, landmarks + _displacement(landmarks, angles) - shift


def _displacement(points: NDArray[np.floating], angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 2) px by which points of the picture move as the head turns."""
    radius = np.linalg.norm((points - _MIDDLE) / _RADII, axis=-1)
    depth = _DEPTH * np.cos(np.pi / 2 * radius.clip(0, 1))
    nose = np.square((points - _NOSE) / _NOSE_SIZE).sum(-1)
    depth = depth + _NOSE_DEPTH * np.exp(-0.5 * nose)
    sines, cosines = np.sin(np.deg2rad(angles)), np.cos(np.deg2rad(angles))
    inside = (depth / _DEPTH).clip(0, 1)[..., None]
    return depth[..., None] * sines - inside * (1 - cosines) * (points - _MIDDLE)
