"""How far the source has changed since the previous frame, apart from grain and light.

Convention: pictures are (n, n) luma in levels of 0..255, the earlier one already brought over to
the present one's places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

# All in parts of the crop's side.
_GRAIN_SIGMA = 1 / 64  # differences finer than this are grain
_SPREAD = 1 / 14  # width of the surroundings that a change takes with it
_SPREAD_SOFTNESS = 1 / 42
_LIGHT_SIGMA = 1 / 8  # differences wider than this are light

_LIGHT_GRID = 32  # side of the grid on which these are found
_LIGHT_COUNTS = 1 / 3  # how much a change of light counts beside a change of the picture
_GAIN_LIMIT = 2.0
_GAIN_TOLERANCE = 0.4  # change of contrast, in octaves, that halves the trust
# A change of contrast of so many octaves is halved, less is taken for none: noise alone changes it
# by up to 0.017, and a mean that is multiplied anew on each frame sums up all of that.
_SAME_GAIN = 0.02


@dataclass(frozen=True, slots=True)
class Light:
    """The earlier picture's contrast and brightness against the present one's.

    Attributes:
        gain: present contrast over earlier contrast.
        offset: what is added after the gain, levels.
        trust: 0..1, low when the contrast has changed too much for the same light.
    """

    gain: float
    offset: float
    trust: float


def light(before: Float32, now: Float32) -> Light:
    """The change of light, as one gain and one offset, by least squares inside the face."""
    cells = len(now)
    inside = slice(cells // 4, cells - cells // 5)
    sigma = _GRAIN_SIGMA * cells
    earlier = cv2.GaussianBlur(before, (0, 0), sigma)[inside, inside]
    present = cv2.GaussianBlur(now, (0, 0), sigma)[inside, inside]
    means = float(earlier.mean()), float(present.mean())
    earlier = earlier - means[0]
    energy = float(np.vdot(earlier, earlier)) + 1e-3
    gain = float(np.vdot(earlier, present - means[1])) / energy
    octaves = math.log2(min(max(gain, 1 / _GAIN_LIMIT), _GAIN_LIMIT))
    trust = 2.0 ** -((octaves / _GAIN_TOLERANCE) ** 4)  # flicker passes, a switch does not
    gain = 2.0 ** (octaves * octaves**4 / (octaves**4 + _SAME_GAIN**4))
    return Light(gain, means[1] - gain * means[0], trust)


def _wide(difference: Float32) -> Float32:
    """The part that is light: too wide to need a fine grid."""
    cells = len(difference)
    grid = min(_LIGHT_GRID, cells)
    small = cv2.resize(difference, (grid, grid), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), _LIGHT_SIGMA * grid)
    return np.asarray(cv2.resize(blurred, (cells, cells)), np.float32)


def change(before: Float32, now: Float32, grain: float) -> Float32:
    """The change of the picture, in levels.

    Low-passed, so that grain is none; the largest of the surroundings, because a feature that
    changes (an eye that shuts) has parts that look the same by chance, and these would leave a
    ghost of it.

    Args:
        before: the earlier picture, its light made equal.
        now: the present picture.
        grain: size of the grain, px of these pictures.
    """
    cells = len(now)
    difference = now - before
    local = cv2.GaussianBlur(difference, (0, 0), max(_GRAIN_SIGMA * cells, grain))
    wide = _wide(difference)
    moved = np.abs(local - wide) + np.float32(_LIGHT_COUNTS) * np.abs(wide)
    side = max(1, round(_SPREAD * cells)) | 1
    moved = cv2.dilate(moved, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), _SPREAD_SOFTNESS * cells), np.float32)
