"""Fills specks from the frames beside, in the light of the frame itself."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image
from vidrestore.film.repair.specks import Found
from vidrestore.picture.flow import bring

Float32 = NDArray[np.float32]

_GROWN: Final = 5  # px, width of the brush that takes in a speck's soft edge
_SOFT: Final = 1.0  # sigma of the seam, px
_LIGHT: Final = 6.0  # sigma of what is taken for a difference of light around a speck, px


def filled(now: Image, before: Image, after: Image, found: Found) -> Image:
    """Samples with the mean of those beside them, in their own light, where specks are.

    Args:
        now: (S, S) or (S, S, C), uint8 or uint16.
        before: the same of the frame before.
        after: of the frame after.
        found: specks and fields of that square.

    Returns:
        A new array; what is no speck, nor beside one, is the same in it.
    """
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_GROWN, _GROWN))
    grown = cv2.dilate(found.specks, brush).astype(np.float32)
    samples = now.astype(np.float32)
    fill = np.zeros_like(samples)
    for other, field in zip((before, after), found.fields, strict=True):
        fill += bring(other.astype(np.float32), field) / 2
    sound = 1 - cv2.dilate(grown, np.ones((3, 3), np.uint8))
    weights = cv2.GaussianBlur(grown, (0, 0), _SOFT)
    known = cv2.GaussianBlur(sound, (0, 0), _LIGHT) + np.float32(1e-2)
    if now.ndim == 3:
        sound, weights, known = sound[..., None], weights[..., None], known[..., None]
    light = cv2.GaussianBlur((samples - fill) * sound, (0, 0), _LIGHT) / known
    result = samples + weights * (fill + light - samples)
    top = np.iinfo(now.dtype).max
    return np.clip(np.rint(result), 0, top).astype(now.dtype)


def filled_part(now: Image, before: Image, after: Image, found: Found) -> Image:
    """The same for a plane that may have fewer samples than the square that was looked at."""
    side, shape = len(found.specks), now.shape
    if shape == (side, side):
        return filled(now, before, after, found)
    whole = [cv2.resize(each, (side, side)) for each in (now, before, after)]
    result = filled(np.asarray(whole[0]), np.asarray(whole[1]), np.asarray(whole[2]), found)
    change = (result != whole[0]).astype(np.float32)
    size = shape[1], shape[0]
    here = cv2.resize(change, size, interpolation=cv2.INTER_AREA) > 0
    return np.where(here, cv2.resize(result, size, interpolation=cv2.INTER_AREA), now)
