"""What is seen between the lips: both rows of teeth, the dark and a tongue.

The upper row is fixed to the skull, the lower one to the jaw. The upper teeth are the portrait's
own where it shows them, and the lower ones their mirror image.
"""

from __future__ import annotations

import cv2
import numpy as np

from training.samples.expressions.curves import Floats, curve, edge, smoothstep

_SHUT = 0.04
"""Gap between the lips, in mouth widths, under which a portrait shows no teeth of its own."""
_MIRRORED = 0.09
"""The same, from which on it shows enough of its upper teeth to draw the lower ones from."""
_LOWER = 0.17
"""Height at which the lower teeth stand out of the lower lip, at most, in mouth widths."""
_NARROWER = 0.75
"""Width of the lower teeth, the upper ones' being 1."""
_TOOTH = 0.085
"""Width of a tooth where none can be seen, in mouth widths."""


class Mouth:
    """The inside of a portrait's mouth.

    Args:
        image: (S, S, 3) uint8 levels.
        upper: (N, 2) xy px, the inner rim of the upper lip.
        lower: the same of the lower lip.
        lips: (N, 2), places on the lips.
        cheeks: (N, 2), places on the cheeks.
        width: of the mouth, px.
        gap: between the lips, px.
    """

    def __init__(
        self,
        image: Floats,
        *,
        upper: Floats,
        lower: Floats,
        lips: Floats,
        cheeks: Floats,
        width: float,
        gap: float,
    ) -> None:
        size = len(image)
        self._image, self._width = image, width
        columns = np.arange(size)
        tops, bottoms = (curve(points, columns)[None] for points in (upper, lower))
        y, x = np.arange(size, dtype=np.float32)[:, None], columns.astype(np.float32)[None]
        left, right = upper[:, 0].min(), upper[:, 0].max()
        across = np.clip((x - left) / (right - left), 0, 1)
        bow = np.sqrt(np.clip(4 * across * (1 - across), 0, 1))
        self._lip, cheek = _mean(image, lips), _mean(image, cheeks)
        red = int(np.argmax(_mean(image, lips)))  # the lips' strongest colour, in either order
        self._dark = 0.5 * float(cheek.mean()) * np.where(np.arange(3) == red, 0.36, 0.22)
        warm = np.array([0.86, 0.96, 1.0]) if red == 2 else np.array([1.0, 0.96, 0.86])
        self._teeth = 0.4 * cheek + 0.6 * 220 * warm  # in the light that the skin is seen in
        self._teeth_depth = ((y - tops) / (0.11 * width * bow + 1)).astype(np.float32)
        self._teeth_side = np.repeat(bow**1.5, size, 0).astype(np.float32)
        self._own = gap > _SHUT * width
        self._middle, self._tops, self._bottoms = (left + right) / 2, tops[0], bottoms[0]
        self._mirrors = gap > _MIRRORED * width
        real = edge(y - tops - 1) * edge(bottoms - y - 1) * self._own
        real = real * ((across > 0) & (across < 1))
        self._real = cv2.GaussianBlur(real.astype(np.float32), (0, 0), 1.0)

    def draw(self, places: Floats, below: Floats, teeth: float, lower_teeth: float) -> Floats:
        """The (h, w, 3) inside, levels.

        Args:
            places: (h, w, 2) float32, the xy of the portrait that each pixel would show.
            below: (h, w) px from a pixel down to the lower lip.
            teeth: 0 to 1, how much of the upper ones shows where the portrait shows none.
            lower_teeth: 0 to 1, how far the lower ones stand out of the lower lip.
        """
        x = np.linspace(-1, 1, places.shape[1])[None]
        depth = below / (0.16 * self._width * np.clip(1.15 - x**2, 0.15, 1))
        tongue = (1 - smoothstep(depth / 1.6)) * np.clip(1.1 - x**2, 0, 1)
        inside = self._dark + (0.8 * tongue)[..., None] * (0.5 * self._lip - self._dark)
        if lower_teeth > 0:
            inside = self._with_lower_teeth(inside, places, below, lower_teeth)
        if not self._own:
            side, deep = _sample(self._teeth_side, places), _sample(self._teeth_depth, places)
            shown = 0.75 * teeth * side * (1 - smoothstep((deep - 0.75) / 0.35))
            inside = inside + shown[..., None] * (self._teeth - inside)
        real = _sample(self._real, places)[..., None]
        own = cv2.remap(self._image, places, None, cv2.INTER_CUBIC).astype(np.float32)
        return np.asarray(inside + real * (own - inside))

    def _with_lower_teeth(
        self, inside: Floats, places: Floats, below: Floats, amount: float
    ) -> Floats:
        """The inside with the lower teeth; arguments as in ``draw``."""
        across = np.linspace(-1, 1, places.shape[1], dtype=np.float32)[None]
        bow = np.sqrt(np.clip(1 - across**2, 0, 1))
        height = _LOWER * self._width * amount * bow
        deep = np.maximum(height - below, 0)  # from their edges down
        x = self._middle + (places[..., 0] - self._middle) / _NARROWER
        if self._mirrors:
            columns = np.clip(x, 0, len(self._tops) - 1).astype(int)
            tops, bottoms = self._tops[columns], self._bottoms[columns]
            room = bottoms - tops
            y = bottoms - 0.15 * room - np.minimum(deep, 0.6 * room)
            there = np.dstack([x, y]).astype(np.float32)
            shown = cv2.remap(self._image, there, None, cv2.INTER_LINEAR).astype(np.float32)
        else:
            within = np.abs(np.mod(x / (_TOOTH * self._width), 1) - 0.5)  # 0.5 between two teeth
            shown = self._teeth * (1 - 0.18 * smoothstep((within - 0.3) / 0.2))[..., None]
        light = 0.95 * (0.4 + 0.6 * bow) * (0.85 + 0.15 * smoothstep(below / (height + 1)))
        alpha = edge(height - below) * smoothstep(bow / 0.5)
        return np.asarray(inside + alpha[..., None] * (light[..., None] * shown - inside))


def _mean(image: Floats, points: Floats) -> Floats:
    """(3,) mean colour at (N, 2) places."""
    x, y = points.astype(int).clip(0, len(image) - 1).T
    return np.asarray(image[y, x].astype(np.float64).mean(0))


def _sample(picture: Floats, places: Floats) -> Floats:
    return cv2.remap(picture, places, None, cv2.INTER_LINEAR)
