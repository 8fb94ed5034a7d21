"""VHS: little bandwidth, less for colour, tape noise, unsteady lines, edges peaked in playback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from benchmarks.against_filters.media import Encoding, Pictures
from benchmarks.against_filters.scenes import Truth

_REFERENCE = 512.0


@dataclass(frozen=True)
class Tape:
    """Wear of tape; lengths in px of a frame of 512.

    Attributes:
        softness: sigma of luma along the line.
        smear: sigma of colour along the line.
        late: how far colour lies to the right.
        peaking: of the playback's edges, in parts of what they lack.
        noise: standard deviation of luma, levels.
        colour_noise: of each colour difference.
        unsteady: standard deviation of a line's place.
        crf: of the capture's H.264.
    """

    softness: float = 2.0
    smear: float = 5.0
    late: float = 1.5
    peaking: float = 0.5
    noise: float = 6.0
    colour_noise: float = 6.0
    unsteady: float = 0.35
    crf: int = 20
    seen_as: ClassVar[str] = "whole"

    def seen(self, truth: Truth) -> Truth:
        """The truth itself."""
        return truth

    def worn(self, truth: Truth, random: np.random.Generator) -> tuple[Pictures, Encoding]:
        """Recorded, played, captured."""
        height, width = truth.pictures.shape[1:3]
        unit = max(height, width) / _REFERENCE
        shown = [self._played(picture, unit, random) for picture in truth.pictures]
        return np.stack(shown), Encoding("libx264", "yuv420p", {"crf": str(self.crf)})

    def _played(self, picture: Pictures, unit: float, random: np.random.Generator) -> Pictures:
        height, width = picture.shape[:2]
        luma, red, blue = cv2.split(cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb).astype(np.float32))
        luma = cv2.GaussianBlur(luma, (0, 0), self.softness * unit, sigmaY=0.5 * unit)
        low = cv2.GaussianBlur(luma, (0, 0), 2.5 * unit, sigmaY=0.3)
        luma += self.peaking * (luma - low)
        # Tape noise is drawn out along the line.
        luma += _noise(luma.shape, self.noise, 1.2 * unit, random)
        late = np.array([[1, 0, self.late * unit], [0, 1, 0]], np.float32)
        colours = []
        for plane in (red, blue):
            soft = cv2.GaussianBlur(plane, (0, 0), self.smear * unit, sigmaY=1.2 * unit)
            soft = cv2.warpAffine(soft, late, (width, height), borderMode=cv2.BORDER_REPLICATE)
            colours.append(soft + _noise(soft.shape, self.colour_noise, 4 * unit, random))
        whole = cv2.merge([luma, *colours])
        shift = random.normal(0, self.unsteady * unit, height)
        shift = cv2.GaussianBlur(shift.astype(np.float32)[:, None], (0, 0), 0.8)
        columns, rows = np.meshgrid(np.arange(width), np.arange(height))
        whole = cv2.remap(
            whole,
            (columns + shift).astype(np.float32),
            rows.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(
            cv2.cvtColor(whole.round().clip(0, 255).astype(np.uint8), cv2.COLOR_YCrCb2RGB),
            np.uint8,
        )


def _noise(
    shape: tuple[int, ...], sigma: float, along: float, random: np.random.Generator
) -> np.ndarray:
    """Noise drawn out along the line, of this standard deviation."""
    drawn = cv2.GaussianBlur(random.standard_normal(shape, np.float32), (0, 0), along, sigmaY=0.4)
    return np.asarray(sigma * drawn / drawn.std(), np.float32)
