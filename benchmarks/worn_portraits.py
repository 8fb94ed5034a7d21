"""Portraits that sway a little, and mild wear: what occluders and film damage are tried on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.degraded import Path2d, moved
from benchmarks.stability.variants import Portrait, read_picture
from vidrestore.picture.outline import face_outline

Picture = NDArray[np.uint8]
Floats = NDArray[np.float64]

CALM = 0.5  # of the reach of ``Path2d``'s ways
BLUR, NOISE = 2.2, 5.0  # px of the truth; levels at half of its size


@dataclass(frozen=True, eq=False)
class Truth:
    """A face as it is.

    Attributes:
        pictures: (H, W, 3) uint8 RGB.
        landmarks: (T, 5, 2) xy px.
        seed: of motion and noise.
    """

    pictures: list[Picture]
    landmarks: Floats
    seed: int


def swaying(portrait: Portrait, frames: int, seed: int) -> Truth:
    """A portrait on a small smooth way."""
    file, landmarks = portrait
    drawn = Path2d.drawn(np.random.default_rng(seed))
    path = Path2d(drawn.amplitudes * CALM, drawn.frequencies, drawn.phases)
    centre = landmarks.mean(axis=0)
    matrices = np.stack([path.frame_from_portrait(t, centre) for t in range(frames)])
    picture = read_picture(Path(file))
    places = np.concatenate([landmarks, np.ones((5, 1))], axis=1) @ matrices.transpose(0, 2, 1)
    shown = [moved(picture, matrix) for matrix in matrices]
    return Truth(shown, places[..., :2] / places[..., 2:], seed)


def worn(pictures: Sequence[Picture], seed: int) -> list[Picture]:
    """Blurred, halved, noisy, and the old size again."""
    random = np.random.default_rng((seed, 1))
    result = []
    for picture in pictures:
        height, width = picture.shape[:2]
        soft = cv2.GaussianBlur(picture, (0, 0), BLUR)
        half = cv2.resize(soft, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        noisy = (half + random.normal(0, NOISE, half.shape)).clip(0, 255).astype(np.uint8)
        large = cv2.resize(noisy, (width, height), interpolation=cv2.INTER_CUBIC)
        result.append(np.asarray(large, np.uint8))
    return result


def face_area(landmarks: Floats, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(H, W) the face, brows to chin."""
    area = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(area, np.round(face_outline(landmarks)).astype(np.int32), 1)
    return area > 0


def unit(landmarks: Floats) -> float:
    """Distance from eyes to mouth, px."""
    return float(np.linalg.norm(landmarks[:2].mean(axis=0) - landmarks[3:].mean(axis=0)))
