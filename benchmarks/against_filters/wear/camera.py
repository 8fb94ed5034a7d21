"""CCTV: a small picture of a cheap lens and sensor, as motion JPEG."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import cv2
import numpy as np

from benchmarks.against_filters.crops import side_of
from benchmarks.against_filters.media import Encoding, Pictures
from benchmarks.against_filters.scenes import Truth

# Of the 512 px crop the face, from the forehead to the chin.
_FACE_IN_CROP = 300 / 512


@dataclass(frozen=True)
class Cctv:
    """Wear of a camera on a wall.

    Attributes:
        face: height in the file, px.
        blur: sigma of the lens, px of the file.
        noise: standard deviation of the sensor's noise in the dark, levels; a third in the light.
        quality: qscale of motion JPEG, 2 (best) to 31.
    """

    face: float = 50.0
    blur: float = 0.7
    noise: float = 5.0
    quality: int = 5
    seen_as: ClassVar[str] = "small"

    def seen(self, truth: Truth) -> Truth:
        """What a sharp camera of this size would see."""
        height, width = truth.pictures.shape[1:3]
        scale = self.face / (_FACE_IN_CROP * side_of(truth.landmarks))
        size = tuple(max(round(side * scale / 2) * 2, 16) for side in (width, height))
        small = [cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in truth.pictures]
        ratio = np.array(size) / (width, height)
        return Truth(
            np.stack(small).astype(np.uint8, copy=False),
            (truth.landmarks + 0.5) * ratio - 0.5,
            Fraction(truth.rate),
        )

    def worn(self, truth: Truth, random: np.random.Generator) -> tuple[Pictures, Encoding]:
        """Seen through the lens, and compressed frame by frame."""
        shown = []
        for picture in truth.pictures:
            soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), self.blur)
            dark = 1 - soft.mean(axis=2, keepdims=True) / 255
            soft += self.noise * (1 + 2 * dark) / 3 * random.standard_normal(soft.shape, np.float32)
            shown.append(soft.round().clip(0, 255).astype(np.uint8))
        options = {"qmin": str(self.quality), "qmax": str(self.quality)}
        return np.stack(shown), Encoding("mjpeg", "yuvj420p", options)
