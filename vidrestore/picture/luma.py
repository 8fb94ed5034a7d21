"""Luma, and the weights of red, green and blue in it.

Pictures of every standard are weighed by BT.601 where they are looked at rather than written: what
matters there is that one picture is weighed like another.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image

BT601: Final = (0.299, 0.587, 0.114)
"""Of R, G and B; ITU-R BT.601, 2.5.1."""

LUMA: Final = np.array(BT601, np.float32)
"""The same for pictures of float32: ``picture @ LUMA`` is (..., 3) RGB's luma, in its levels."""


def luma_of(crop: Image) -> NDArray[np.float32]:
    """(H, W) luma, levels of 0..255, of (H, W, 3) RGB uint8 or uint16 (full 16-bit scale)."""
    values = crop.astype(np.float32)
    if crop.dtype != np.uint8:
        values *= np.float32(1 / 257)
    return np.asarray(cv2.cvtColor(values, cv2.COLOR_RGB2GRAY), np.float32)
