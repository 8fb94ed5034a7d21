"""Damage painted over from what is around it.

Telea, "An image inpainting technique based on the fast marching method", 2004.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image

_RADIUS: Final = 3.0  # px around damage that it is painted from


def painted_over(samples: Image, damaged: NDArray[np.uint8]) -> Image:
    """Samples without damage; all others are the same.

    Args:
        samples: (H, W) or (H, W, 3), uint8 or uint16.
        damaged: (H, W), above 0 where they are damaged.
    """
    samples = np.ascontiguousarray(samples)
    if samples.dtype == np.uint8 or samples.ndim == 2:
        return np.asarray(cv2.inpaint(samples, damaged, _RADIUS, cv2.INPAINT_TELEA))
    channels = [
        cv2.inpaint(each, damaged, _RADIUS, cv2.INPAINT_TELEA) for each in cv2.split(samples)
    ]
    return np.asarray(cv2.merge(channels), samples.dtype)
