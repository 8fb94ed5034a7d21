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


def carry(flow: cv2.DISOpticalFlow, before: Gray, now: Gray) -> Carried:
    """Find the previous picture in the present one.

    Dense inverse search (Kroeger et al., ECCV 2016) in both directions; where the way back does not
    return to its start something was covered, uncovered or changed.

    Args:
        flow: an OpenCV DISOpticalFlow.
        before: (n, n) uint8, one frame earlier.
        now: (n, n) uint8.
    """
    field = _smooth(np.asarray(flow.calc(now, before, None), np.float32))
    back = _smooth(np.asarray(flow.calc(before, now, None), np.float32))
    places = _places(field)
    returned = field + cv2.remap(back, places, None, cv2.INTER_LINEAR, borderMode=_REPEAT)
    miss = np.square(returned).sum(axis=-1) / (_ROUND_TRIP * len(now)) ** 2
    brought = cv2.remap(
        before.astype(np.float32), places, None, cv2.INTER_CUBIC, borderMode=_REPEAT
    )
    return Carried(field, np.asarray(brought, np.float32), np.exp2(-miss).astype(np.float32))


def bring(picture: Float32, field: Float32) -> Float32:
    """A picture of the previous frame in the present one's places.

    Args:
        picture: (S, S, C) float32.
        field: (n, n, 2), of a grid over the same square.
    """
    size, cells = len(picture), len(field)
    if cells != size:
        field = np.asarray(
            cv2.resize(field, (size, size), interpolation=cv2.INTER_LINEAR), np.float32
        )
        field *= np.float32(size / cells)
    brought = cv2.remap(picture, _places(field), None, cv2.INTER_CUBIC, borderMode=_REPEAT)
    return np.asarray(brought, np.float32)


_REPEAT = cv2.BORDER_REPLICATE


def _places(field: Float32) -> Float32:
    """Absolute xy of where each pixel comes from."""
    rows, columns = field.shape[:2]
    places = field.copy()
    places[..., 0] += np.arange(columns, dtype=np.float32)[None, :]
    places[..., 1] += np.arange(rows, dtype=np.float32)[:, None]
    return places


def _smooth(field: Float32) -> Float32:
    """Grain moves single vectors about; faces move smoothly."""
    sigma = len(field) / 64
    return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), np.float32)
