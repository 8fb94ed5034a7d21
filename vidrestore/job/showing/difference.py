"""Collecting how two videos differ from their frames as they pass."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image
from vidrestore.measure import boil, psnr, ssim
from vidrestore.report import WorstFrame

_PEAK = 255.0


class Difference:
    """Watches pairs of pictures go by.

    Attributes:
        frames: pairs so far.
        equal: those without any difference.
        worst: the pair with the least PSNR so far; of equal ones the first.
    """

    def __init__(self) -> None:
        self.frames = self.equal = 0
        self.worst: WorstFrame | None = None
        self._error = self._ssim = self._changed = 0.0
        self._flicker: list[tuple[float, float]] = []
        self._before: tuple[Image, Image, NDArray[np.bool_]] | None = None

    def observe(self, reference: Image, output: Image, time: float) -> None:
        """Count a pair of (h, w, 3) uint8 RGB pictures; call it in order of their times."""
        differs = (reference != output).any(axis=-1)
        changed = bool(differs.any())
        near = psnr(output, reference) if changed else math.inf
        alike = ssim(output, reference) if changed else 1.0
        self.equal += not changed
        self._error += _PEAK**2 / 10 ** (near / 10)
        self._ssim += alike
        self._changed += float(differs.mean())
        if self.worst is None or near < self.worst.psnr:
            self.worst = WorstFrame(self.frames, time, near, alike)
        if self._before is not None:
            self._compare_with(self._before, reference, output, differs)
        self._before = reference, output, differs
        self.frames += 1

    def _compare_with(
        self,
        before: tuple[Image, Image, NDArray[np.bool_]],
        reference: Image,
        output: Image,
        differs: NDArray[np.bool_],
    ) -> None:
        """How much each video changed since the pair before, where the two differ."""
        either = differs | before[2]
        if either.any():
            steps = (np.stack([before[0], reference]), np.stack([before[1], output]))
            one, other = (boil(step, either) for step in steps)
            self._flicker.append((one, other))

    @property
    def psnr(self) -> float:
        """Of all samples together, dB; infinite where nothing differs."""
        if self._error == 0.0:
            return math.inf
        return 10 * math.log10(_PEAK**2 * self.frames / self._error)

    @property
    def ssim(self) -> float:
        """Mean over the frames."""
        return self._ssim / self.frames

    @property
    def changed(self) -> float:
        """Share of pixels that differ, 0..1."""
        return self._changed / self.frames

    @property
    def flicker(self) -> tuple[float, float] | None:
        """Of the reference and the output, levels; None where they never differed."""
        if not self._flicker:
            return None
        one, other = np.mean(self._flicker, axis=0)
        return float(one), float(other)
