"""Expressions put on a portrait: a mouth that speaks, eyes that blink.

Convention: xy px of the portrait, pixel centres at integers. A mouth is measured in halves of its
width, an eye in distances between the eyes, each in axes of its own: along the line between the
corners (or the eyes), and downwards from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.degraded import Picture

Floats = NDArray[np.float64]

# Mouth: how far the parts around it move along (sigma), and how the jaw and the upper lip share an
# opening, with the reach of each.
AROUND = 0.9
LIP_LINE = 0.12
UPPER_SHARE, UPPER_REACH = 0.25, 0.5
LOWER_SHARE, LOWER_REACH = 0.75, 0.8
INSIDE = np.array([62.0, 28.0, 28.0])
TEETH = np.array([186.0, 176.0, 166.0])
TEETH_SHARE = 0.35

# Eye: half its width, half its height, and how far above it the lid's skin is stretched.
EYE_WIDTH, EYE_HEIGHT, LID_REACH = 0.30, 0.10, 0.22

EDGE = 1.5  # width of a painted edge, px


@dataclass(frozen=True)
class Expression:
    """How far a face is from its portrait's.

    Attributes:
        opening: of the lips, half mouth widths, 0 to 0.6.
        widening: of the mouth, -0.3 to 0.3 of its width.
        drop: of the whole mouth, half mouth widths.
        shut: of the eyes, 0 to 1.
    """

    opening: float = 0.0
    widening: float = 0.0
    drop: float = 0.0
    shut: float = 0.0


NEUTRAL = Expression()


def speech(random: np.random.Generator, frames: int, rate: float) -> list[Expression]:
    """Some seconds of talking: four to five syllables a second, never the same twice."""
    seconds = np.arange(frames) / rate
    channels = []
    for low, high in ((2.0, 5.0), (1.0, 3.0), (2.0, 5.0)):
        waves = np.zeros(frames)
        for frequency, phase in zip(
            random.uniform(low, high, 3), random.uniform(0, 2 * math.pi, 3), strict=True
        ):
            waves += np.sin(2 * math.pi * frequency * seconds + phase) / 3
        channels.append(waves)
    opening = np.clip(0.18 + 0.45 * channels[0], 0.0, 0.5)
    return [
        Expression(float(o), float(0.12 * w), float(0.15 * o + 0.05 * d))
        for o, w, d in zip(opening, channels[1], channels[2], strict=True)
    ]


class Actor:
    """A portrait that takes on expressions.

    Args:
        portrait: (H, W, 3) uint8 RGB.
        landmarks: (5, 2) xy px in it.
    """

    def __init__(self, portrait: Picture, landmarks: Floats) -> None:
        self._portrait = portrait
        self._rest = landmarks
        self._y, self._x = np.mgrid[: portrait.shape[0], : portrait.shape[1]].astype(np.float64)

    def landmarks(self, expression: Expression) -> Floats:
        """(5, 2) where the expression puts the landmarks; lids that shut leave the eyes there."""
        points = self._rest.copy()
        for index in (2, 3, 4):
            # Where a point came from is known, where it went is what leads back to it.
            for _ in range(30):
                points[index] += self._rest[index] - self._mouth_source(points[index], expression)
        return points

    def picture(self, expression: Expression) -> Picture:
        """(H, W, 3) uint8 RGB."""
        if expression == NEUTRAL:
            return self._portrait
        places = self._mouth_source(np.stack([self._x, self._y], axis=-1), expression)
        places, gap, depth = self._opened(places, expression)
        if expression.shut:
            places = self._lids(places, expression.shut)
        result = cv2.remap(
            self._portrait,
            places[..., 0].astype(np.float32),
            places[..., 1].astype(np.float32),
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REFLECT_101,
        ).astype(np.float64)
        teeth = np.clip((TEETH_SHARE - depth) * 8, 0, 1)[..., None]
        result += gap[..., None] * (teeth * TEETH + (1 - teeth) * INSIDE - result)
        return np.clip(result.round(), 0, 255).astype(np.uint8)

    def _mouth_source(self, places: Floats, expression: Expression) -> Floats:
        """Where points of the face came from when the mouth as a whole widens and drops."""
        middle, along, down, half = self._mouth()
        x, y = (places - middle) @ along / half, (places - middle) @ down / half
        pull = half * np.exp(-(x**2 + y**2) / (2 * AROUND**2))
        sideways, downwards = expression.widening * x * pull, expression.drop * pull
        source: Floats = places - sideways[..., None] * along - downwards[..., None] * down
        return source

    def _opened(self, places: Floats, expression: Expression) -> tuple[Floats, Floats, Floats]:
        """Parts the lips: places, weight of what is seen between them, and depth 0..1 in it."""
        middle, along, down, half = self._mouth()
        x, y = (places - middle) @ along / half, (places - middle) @ down / half
        wide = np.clip(1 - x**2, 0, None)
        gap = expression.opening * wide**2
        from_line = y - LIP_LINE * wide
        above, below = from_line + UPPER_SHARE * gap, from_line - LOWER_SHARE * gap
        lift = np.where(above < 0, UPPER_SHARE * gap * np.exp(-((above / UPPER_REACH) ** 2)), 0)
        fall = np.where(below > 0, LOWER_SHARE * gap * np.exp(-((below / LOWER_REACH) ** 2)), 0)
        moved = places + (half * (lift - fall))[..., None] * down
        soft = EDGE / half
        weight = np.clip(above / soft, 0, 1) * np.clip(-below / soft, 0, 1)
        return moved, weight, above / np.maximum(gap, 1e-6)

    def _lids(self, places: Floats, shut: float) -> Floats:
        """Draws the upper lids over the eyes."""
        moved = places.copy()
        apart = self._rest[1] - self._rest[0]
        distance = float(np.linalg.norm(apart))
        along = apart / distance
        down = np.array([-along[1], along[0]])
        for eye in self._rest[:2]:
            x, y = (places - eye) @ along / distance, (places - eye) @ down / distance
            drawn = 2 * EYE_HEIGHT * shut * np.clip(1 - (x / EYE_WIDTH) ** 2, 0, None)
            edge = drawn - EYE_HEIGHT * np.clip(1 - (x / EYE_WIDTH) ** 2, 0, None)
            lid = np.where(y < edge, drawn * np.exp(-(((y - edge) / LID_REACH) ** 2)), 0)
            moved -= (distance * lid)[..., None] * down
        return moved

    def _mouth(self) -> tuple[Floats, Floats, Floats, float]:
        """Middle, axis along, axis down, and half the width."""
        across = self._rest[4] - self._rest[3]
        half = float(np.linalg.norm(across)) / 2
        along = across / (2 * half)
        return self._rest[3:].mean(axis=0), along, np.array([-along[1], along[0]]), half
