"""Where a restoration contradicts its source: something covers the face there.

A restored face, softened, looks like the soft face that it was made of. Where it does not, the
network drew a face over what is none: a hand, a microphone, a lock of hair. There the source stays.

Convention: differences are (S, S, 3) float32, restored minus source, levels of 0..255.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

_GRID = 64  # side of the reduced picture that is looked at
_SIGMA = 1 / 32  # of the crop's side: features gain contrast below this size, not above
# Softened difference, in levels, at which half of the restoration stays. A face as blurred as the
# crop's sharpest filter allows moves by 7; the steep fall leaves such differences as they are.
_TOLERANCE = 40.0


def agreement(difference: Float32) -> Float32:
    """How far each point of a restoration may be believed.

    Args:
        difference: (S, S, 3), slow differences of colour and light already taken away.

    Returns:
        (S, S) float32 weights, smooth: 1 where restoration and source agree, near 0 where they
        show different things.
    """
    size = len(difference)
    grid = min(_GRID, size)
    small = np.asarray(cv2.resize(difference, (grid, grid), interpolation=cv2.INTER_AREA))
    soft = np.asarray(cv2.GaussianBlur(small, (0, 0), _SIGMA * grid), np.float32)
    moved = np.abs(soft).max(axis=-1) / np.float32(_TOLERANCE)
    weights = 1 / (1 + np.square(np.square(moved)))
    return np.asarray(cv2.resize(weights, (size, size)), np.float32)
