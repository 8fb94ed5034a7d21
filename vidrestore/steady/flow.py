"""Where each point of a crop was one frame before, and how far that can be trusted.

Convention: grays are (n, n) uint8; a field is (n, n, 2) float32, in pixels of that grid, so that
``now[y, x]`` shows what ``before`` shows at ``(x, y) + field[y, x]``.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Gray = NDArray[np.uint8]

# A round trip that misses its start by this much, in parts of the crop's side, halves the trust.
_ROUND_TRIP = 1 / 128
# What grain alone makes it miss, squared, in parts of the former's square.
_HARMLESS = 0.02
# Grain moves single vectors about, faces move smoothly: sigma in parts of the crop's side.
_SMOOTHNESS = 1 / 24
# Motion of this size, in pixels of the grid, is halved, less is taken for none: interpolating a
# picture anew on each frame blurs it.
_STILL = 0.15
_SMALLEST_STEP = 1 / 32  # to which OpenCV rounds the places that it interpolates at, px


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """The previous crop's points found again.

    Attributes:
        field: (n, n, 2) float32, see the module's convention.
        before: (n, n) float32, the previous gray brought over.
        trust: (n, n) float32, 0..1, from the forward-backward check.
    """

    field: Float32
    before: Float32
    trust: Float32


class Flow:
    """Dense inverse search (Kroeger et al., ECCV 2016) in both directions."""

    def __init__(self) -> None:
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def carry(self, before: Gray, now: Gray) -> Carried:
        """Find the previous picture in the present one.

        Where the way back does not return to its start, something was covered or uncovered.

        Args:
            before: (n, n) uint8, one frame earlier; n of at least 16.
            now: (n, n) uint8.
        """
        field, back = self._field(now, before), self._field(before, now)
        moved = np.square(squared_length(field))[..., None]
        field *= moved / (moved + np.float32(_STILL**4))
        places = _places(field)
        returned = field + _sampled(back, places, cv2.INTER_LINEAR)
        miss = squared_length(returned) / np.float32(_ROUND_TRIP * len(now)) ** 2
        brought = _sampled(before.astype(np.float32), places, cv2.INTER_CUBIC)
        return Carried(field, brought, np.exp2(-np.maximum(miss - np.float32(_HARMLESS), 0)))

    def _field(self, of: Gray, in_: Gray) -> Float32:
        """Where points of one picture lie in the other."""
        field = self._search.calc(of, in_, np.zeros((*of.shape, 2), np.float32))
        sigma = _SMOOTHNESS * len(of)
        return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), np.float32)


def bring(picture: Float32, field: Float32, interpolation: int = cv2.INTER_CUBIC) -> Float32:
    """A picture of the previous frame in the present one's places.

    Args:
        picture: (S, S, C) or (S, S) float32.
        field: (n, n, 2), on a grid over the same square.
        interpolation: OpenCV's; linear for what must not overshoot.

    Returns:
        A new picture; the very same where nothing has moved.
    """
    size, cells = len(picture), len(field)
    if np.abs(field).max() * (size / cells) < _SMALLEST_STEP / 2:
        return picture
    if cells != size:
        field = np.asarray(cv2.resize(field, (size, size)), np.float32)
        field *= np.float32(size / cells)
    return _sampled(picture, _places(field), interpolation)


def squared_length(field: Float32) -> Float32:
    """(n, n) of each vector."""
    x, y = field[..., 0], field[..., 1]
    return np.asarray(x * x + y * y, np.float32)


def _places(field: Float32) -> Float32:
    """Absolute xy of where each pixel comes from."""
    rows, columns = field.shape[:2]
    places = field.copy()
    places[..., 0] += np.arange(columns, dtype=np.float32)[None, :]
    places[..., 1] += np.arange(rows, dtype=np.float32)[:, None]
    return places


def _sampled(picture: Float32, places: Float32, interpolation: int) -> Float32:
    """The picture's values at places (h, w, 2); its border is repeated beyond it."""
    values = cv2.remap(
        picture,
        np.ascontiguousarray(places[..., 0]),
        np.ascontiguousarray(places[..., 1]),
        interpolation,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(values, np.float32)
