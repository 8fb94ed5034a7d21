"""Old black and white film: soft, grainy, flickering, scratched and dusty."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.against_filters.media import Encoding, Pictures
from benchmarks.against_filters.scenes import Truth

Plane = NDArray[np.float32]

_REFERENCE = 512.0  # frame side for which lengths are given


@dataclass(frozen=True)
class Film:
    """Wear of film; lengths in px of a frame of 512.

    Attributes:
        softness: sigma of lens and copies.
        grain: standard deviation in the middle tones, levels.
        clump: sigma of a grain.
        light: standard deviation of the gain of light from frame to frame, in parts.
        contrast: the same of contrast about the frame's mean.
        scratches: how many stand in a frame, on average.
        specks: of dust in a frame, on average; each is seen in one frame only.
        crf: of the capture's H.264.
    """

    softness: float = 1.6
    grain: float = 9.0
    clump: float = 0.7
    light: float = 0.05
    contrast: float = 0.05
    scratches: float = 2.0
    specks: float = 6.0
    crf: int = 20
    seen_as: ClassVar[str] = "gray"

    def seen(self, truth: Truth) -> Truth:
        """The truth without colour (BT.601 luma)."""
        gray = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in truth.pictures]
        return replace(truth, pictures=np.repeat(np.stack(gray)[..., None], 3, axis=3))

    def worn(self, truth: Truth, random: np.random.Generator) -> tuple[Pictures, Encoding]:
        """Exposed, copied, projected, captured."""
        height, width = truth.pictures.shape[1:3]
        unit = max(height, width) / _REFERENCE
        lines = _Scratches(width, self.scratches, unit, random)
        shown = []
        for picture in truth.pictures:
            plane = picture[..., 0].astype(np.float32)
            plane = cv2.GaussianBlur(plane, (0, 0), self.softness * unit)
            plane += self._grain(plane, random)
            lines.draw(plane)
            self._dust(plane, unit, random)
            light, contrast = 1 + random.normal(0, (self.light, self.contrast))
            mean = float(plane.mean())
            plane = light * (mean + contrast * (plane - mean))
            shown.append(plane.round().clip(0, 255).astype(np.uint8))
        pictures = np.repeat(np.stack(shown)[..., None], 3, axis=3)
        return pictures, Encoding("libx264", "yuv420p", {"crf": str(self.crf)})

    def _grain(self, plane: Plane, random: np.random.Generator) -> Plane:
        """Clumps, strongest in the middle tones."""
        drawn = cv2.GaussianBlur(
            random.standard_normal(plane.shape, np.float32), (0, 0), self.clump
        )
        tone = np.clip(plane / 255, 0, 1)
        return np.asarray(
            self.grain * (0.4 + 2.4 * tone * (1 - tone)) * drawn / drawn.std(), np.float32
        )

    def _dust(self, plane: Plane, unit: float, random: np.random.Generator) -> None:
        """Specks, mostly dark, of crooked outline."""
        height, width = plane.shape
        for _ in range(random.poisson(self.specks)):
            centre = random.uniform((0, 0), (width, height))
            radius = unit * random.uniform(1.5, 5.0)
            angles = np.sort(random.uniform(0, 2 * np.pi, 7))
            away = radius * random.uniform(0.5, 1.2, 7)
            points = centre + np.stack([away * np.cos(angles), away * np.sin(angles)], axis=1)
            covered = np.zeros(plane.shape, np.float32)
            cv2.fillPoly(covered, [np.round(points * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
            tone = 25.0 if random.random() < 0.7 else 235.0
            plane += 0.9 * covered * (tone - plane)


class _Scratches:
    """Lines along the film, which stay for a while and wander."""

    def __init__(self, width: int, number: float, unit: float, random: np.random.Generator) -> None:
        self._width, self._number, self._unit, self._random = width, number, unit, random
        self._lines: list[tuple[float, float, float, int]] = []

    def draw(self, plane: Plane) -> None:
        """Onto the next frame."""
        random, life = self._random, 14
        wanted = self._number if not self._lines else self._number / life
        for _ in range(random.poisson(wanted)):
            depth = float(random.choice((-45.0, 55.0)))
            thick = self._unit * float(random.uniform(0.4, 1.0))
            frames = int(random.integers(life // 2, 2 * life))
            self._lines.append((float(random.uniform(0, self._width)), depth, thick, frames))
        columns = np.arange(self._width, dtype=np.float32)
        for x, depth, thick, _ in self._lines:
            plane += depth * np.exp(-0.5 * ((columns - x) / thick) ** 2)[None]
        self._lines = [
            (x + self._unit * float(random.normal(0, 0.4)), depth, thick, frames - 1)
            for x, depth, thick, frames in self._lines
            if frames > 1
        ]
