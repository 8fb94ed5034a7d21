"""A small, noisy video that somebody enlarged and compressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from benchmarks.against_filters.media import Encoding, Pictures
from benchmarks.against_filters.scenes import Truth


@dataclass(frozen=True)
class Reduced:
    """Blur, reduce, make noisy, enlarge, encode.

    Attributes:
        factor: of the reduction.
        blur: sigma, px of the truth.
        noise: standard deviation, levels, independent by channel and pixel of the small picture.
        crf: of H.264, at the truth's size.
    """

    factor: int
    blur: float
    noise: float
    crf: int
    seen_as: ClassVar[str] = "whole"

    def seen(self, truth: Truth) -> Truth:
        """The truth itself."""
        return truth

    def worn(self, truth: Truth, random: np.random.Generator) -> tuple[Pictures, Encoding]:
        """Enlarged by cubic interpolation."""
        height, width = truth.pictures.shape[1:3]
        size = max(width // self.factor, 1), max(height // self.factor, 1)
        shown = []
        for picture in truth.pictures:
            soft = picture.astype(np.float32)
            if self.blur:
                soft = cv2.GaussianBlur(soft, (0, 0), self.blur)
            low = cv2.resize(soft, size, interpolation=cv2.INTER_AREA)
            low += random.normal(0, self.noise, low.shape).astype(np.float32)
            large = cv2.resize(low, (width, height), interpolation=cv2.INTER_CUBIC)
            shown.append(large.round().clip(0, 255).astype(np.uint8))
        return np.stack(shown), Encoding("libx264", "yuv420p", {"crf": str(self.crf)})
