"""How the light of a picture differs from that of one shortly before.

Convention: pictures are (h, w) float32 luma in levels of 0..255, both of one size; a ``Tone`` leads
from the levels of the one to those of the other.
"""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image, Tone
from vidrestore.picture.luma import LUMA

Float32 = NDArray[np.float32]

_SIDE: Final = 96  # longest side of a glance, px
_BLUR: Final = 1.0  # of a glance, px: takes grain and what interpolation does to it
_STEP: Final = 2  # every so many pixels of a row or column are compared
_DARK, _BRIGHT = 6.0, 249.0  # levels beyond which light is clipped
_LEAST: Final = 64  # pixels that are not clipped, for a comparison
_ROUNDS: Final = 4  # of reweighting
_OUTLIER: Final = 4.0  # standard deviations from which on a pixel does not count
_LEAST_NOISE: Final = 0.3  # levels
_FLAT: Final = 4.0  # variance, levels squared, below which contrast says nothing
_FLOW_BLUR: Final = 2.0  # of the motion, px: single vectors follow grain
_LEAST_FOR_FLOW: Final = 24  # px, shorter side

SAME: Final = Tone(1.0, 0.0)


def glance(picture: Image) -> Float32:
    """The luma of a (h, w, 3) uint8 RGB picture, reduced to 96 px at most and softened."""
    scale = min(1.0, _SIDE / max(picture.shape[:2]))
    size = tuple(max(1, round(side * scale)) for side in picture.shape[1::-1])
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(small @ LUMA, (0, 0), _BLUR), np.float32)


class Motion:
    """Brings one glance to another's places by dense inverse search (Kroeger et al., ECCV 2016)."""

    def __init__(self) -> None:
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._search.setFinestScale(1)

    def brought(self, other: Float32, here: Float32) -> Float32:
        """The other picture where this one shows the same; as it is, if too small to tell."""
        if min(here.shape) < _LEAST_FOR_FLOW:
            return other
        field = self._search.calc(
            _rounded(here), _rounded(other), np.zeros((*here.shape, 2), np.float32)
        )
        field = np.asarray(cv2.GaussianBlur(field, (0, 0), _FLOW_BLUR), np.float32)
        rows, columns = here.shape
        x = field[..., 0] + np.arange(columns, dtype=np.float32)[None, :]
        y = field[..., 1] + np.arange(rows, dtype=np.float32)[:, None]
        moved = cv2.remap(other, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, np.float32)


def tone_between(earlier: Float32, present: Float32) -> Tone:
    """What leads from the light of the one to that of the other; nothing, where none can tell.

    A line through the pairs of levels. Both have the same noise, so it is the one of least squared
    distance (Deming); what moved, or came and went, is no part of it, by Tukey's weights.

    Args:
        earlier: brought to the present one's places.
        present: the present one.
    """
    x, y = (p[::_STEP, ::_STEP].ravel() for p in (earlier, present))
    inside = (np.minimum(x, y) > _DARK) & (np.maximum(x, y) < _BRIGHT)
    x, y = x[inside], y[inside]
    if x.size < _LEAST:
        return SAME
    gain, offset = 1.0, float(np.median(y - x))
    for _ in range(_ROUNDS):
        distance = y - np.float32(gain) * x - np.float32(offset)
        noise = max(1.4826 * float(np.median(np.abs(distance))), _LEAST_NOISE)
        weights = np.square(np.maximum(1 - np.square(distance / np.float32(_OUTLIER * noise)), 0))
        total = float(weights.sum())
        mean_x, mean_y = float(weights @ x) / total, float(weights @ y) / total
        dx, dy = x - np.float32(mean_x), y - np.float32(mean_y)
        xx, yy, xy = (float(weights @ p) / total + _FLAT for p in (dx * dx, dy * dy, dx * dy))
        if xy > 0:
            gain = (yy - xx + math.hypot(yy - xx, 2 * xy)) / (2 * xy)
        offset = mean_y - gain * mean_x
    return Tone(gain, offset)


def then(first: Tone, second: Tone) -> Tone:
    """One change of light after another."""
    return Tone(second.gain * first.gain, second.gain * first.offset + second.offset)


def inverse(tone: Tone) -> Tone:
    """The way back."""
    return Tone(1 / tone.gain, -tone.offset / tone.gain)


def _rounded(picture: Float32) -> NDArray[np.uint8]:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)
