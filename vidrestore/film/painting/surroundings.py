"""Damage painted over from what is around it.

Telea, "An image inpainting technique based on the fast marching method", 2004.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image
from vidrestore.picture.colour import LUMA_WEIGHTS

_RADIUS: Final = 3.0  # px around damage that it is painted from
_BLED: Final = 85  # of a crop's side is so many times what the colour of damage may have run


def painted_over(samples: Image, damaged: NDArray[np.uint8]) -> Image:
    """Samples without damage; all others are the same.

    Light comes from what lies at the damage, colour from further away: codecs and scanners hold it
    at half the size, and a white fold has made the skin at its sides gray.

    Args:
        samples: (H, W) or (H, W, 3) RGB, uint8 or uint16.
        damaged: (H, W), above 0 where they are damaged.
    """
    samples = np.ascontiguousarray(samples)
    near = _inpainted(samples, damaged)
    if samples.ndim == 2:
        return near
    reach = max(1, len(samples) // _BLED)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    there = damaged > 0
    lit, coloured = (
        each[there].astype(np.float32)
        for each in (near, _inpainted(samples, np.asarray(cv2.dilate(damaged, brush), np.uint8)))
    )
    red, blue = LUMA_WEIGHTS["bt601"]
    weights = np.array([red, 1 - red - blue, blue], np.float32)
    coloured += ((lit - coloured) @ weights)[:, None]
    near[there] = np.clip(np.rint(coloured), 0, np.iinfo(samples.dtype).max)
    return near


def _inpainted(samples: Image, damaged: NDArray[np.uint8]) -> Image:
    if samples.dtype == np.uint8 or samples.ndim == 2:
        return np.asarray(cv2.inpaint(samples, damaged, _RADIUS, cv2.INPAINT_TELEA))
    channels = [
        cv2.inpaint(each, damaged, _RADIUS, cv2.INPAINT_TELEA) for each in cv2.split(samples)
    ]
    return np.asarray(cv2.merge(channels), samples.dtype)
