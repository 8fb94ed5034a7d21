"""Geometry and light: what changes the degraded picture and its truth alike.

The portraits are frontal, well lit and mostly of light skin; crops made by tracking are not always
upright or centred. Both are compensated here.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.samples.portraits import CROP, MARGIN, Portrait
from vidrestore.picture.luma import LUMA

Picture = NDArray[np.float32]
"""(H, W, 3) RGB, 0 to 1."""

_PUPILS, _MOUTH = (0, 1), (3, 4)


def crop_from_picture(rng: Generator) -> NDArray[np.float64]:
    """(2, 3) matrix from portrait pixels to a 512 crop, off the template as tracking is.

    One in ten is far off. Half are mirrored.
    """
    wide = 3.0 if rng.random() < 0.1 else 1.0
    angle = np.deg2rad(rng.normal(0.0, 3.0 * wide))
    scale = float(np.exp(rng.normal(0.0, 0.04 * wide)))
    aspect = float(np.exp(rng.normal(0.0, 0.015 * wide)))
    shift = rng.normal(0.0, 5.0 * wide, 2)
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = scale * turn @ np.diag([mirror * aspect, 1.0 / aspect])
    middle = (CROP - 1) / 2
    offset = middle + shift - linear @ np.full(2, middle + MARGIN)
    return np.column_stack([linear, offset])


def crop(portrait: Portrait, matrix: NDArray[np.float64]) -> tuple[Picture, NDArray[np.float64]]:
    """The (512, 512, 3) crop and its (5, 2) landmarks; left and right as seen in the crop."""
    pixels = cv2.warpAffine(
        portrait.pixels, matrix, (CROP, CROP), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    return pixels.astype(np.float32) / np.float32(255.0), landmarks_in(portrait, matrix)


def landmarks_in(portrait: Portrait, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The (5, 2) landmarks in a crop; left and right as seen there."""
    landmarks = portrait.landmarks @ matrix[:, :2].T + matrix[:, 2]
    for left, right in (_PUPILS, _MOUTH):
        if landmarks[left, 0] > landmarks[right, 0]:
            landmarks[[left, right]] = landmarks[[right, left]]
    return landmarks


def relight(picture: Picture, rng: Generator) -> Picture:
    """Another exposure, contrast, colour and direction of light; one in six turns gray."""
    if rng.random() < 0.15:
        return picture
    y = picture
    if rng.random() < 0.7:
        darker = rng.random() < 0.5
        gamma = rng.uniform(1.0, 2.4) if darker else np.exp(rng.normal(0.0, 0.2))
        gains = np.exp(rng.normal(0.0, 0.08, 3)).astype(np.float32)
        curve = np.power(np.linspace(0, 1, 256, dtype=np.float32), np.float32(gamma))
        samples = (np.clip(y, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
        y = cv2.LUT(samples, curve) * gains  # 8-bit steps: the truth has no more
    if rng.random() < 0.3:
        low, high = rng.uniform(0.0, 0.15), rng.uniform(0.75, 1.0)
        y = y * np.float32(high - low) + np.float32(low)
    if rng.random() < 0.25:
        y = y * _side_light(rng)
    gray = cv2.transform(y, LUMA[None])
    kind = rng.random()
    if kind < 0.17:
        y = np.repeat(gray[..., None], 3, axis=2)
    elif kind < 0.6:
        amount = np.float32(rng.uniform(0.3, 1.4))
        y = gray[..., None] + amount * (y - gray[..., None])
    return np.clip(y, 0.0, 1.0).astype(np.float32, copy=False)


def _side_light(rng: Generator) -> NDArray[np.float32]:
    """(512, 512, 1) factors that fall off to one side."""
    angle, darkest = rng.uniform(0, 2 * np.pi), rng.uniform(0.25, 0.9)
    axis = np.linspace(-1, 1, CROP, dtype=np.float32)
    ramp = np.cos(angle) * axis[None, :] + np.sin(angle) * axis[:, None]
    lit = 1 / (1 + np.exp(-np.float32(rng.uniform(1.5, 5.0)) * ramp))
    return (darkest + (1 - darkest) * lit)[..., None].astype(np.float32)


def occlude(picture: Picture, other: Portrait, rng: Generator) -> Picture:
    """One in twelve has a piece of another picture before the face, as a hand or cloth would be."""
    if rng.random() > 1 / 12:
        return picture
    mask = np.zeros((CROP, CROP), np.uint8)
    centre = rng.uniform(60, CROP - 60, 2)
    box = (centre.tolist(), rng.uniform(50, 220, 2).tolist(), float(rng.uniform(0, 180)))
    if rng.random() < 0.5:
        cv2.ellipse(mask, box, 255, -1, cv2.LINE_AA)
    else:
        cv2.fillConvexPoly(mask, cv2.boxPoints(box).astype(np.int32), 255, cv2.LINE_AA)
    weight = (mask.astype(np.float32) / 255.0)[..., None]
    x, y = rng.integers(0, other.pixels.shape[1] - CROP, 2)
    piece: NDArray[Any] = other.pixels[y : y + CROP, x : x + CROP].astype(np.float32) / 255.0
    return picture + weight * (piece - picture)
