"""Damage of a face painted by a network that was trained for it.

GPEN's takes no mask (Yang et al., CVPR 2021): what it is to paint is white in its input, a face
upright in FFHQ's alignment. It gives a whole picture. Of that only the damage is taken here, and in
the light of the known samples around it, for a network shifts colours a little.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Image, Points
from vidrestore.film.painting.surroundings import painted_over
from vidrestore.picture.resample import resample
from vidrestore.picture.similarity import similarity
from vidrestore.picture.template import template
from vidrestore.stages import Restorer

_LIGHT: Final = 1 / 32  # of the crop's side: sigma of what is taken for a difference of light


def inpainted(
    crop: Image, damaged: NDArray[np.uint8], landmarks: Points, network: Restorer
) -> Image:
    """A crop without damage; known samples are the same.

    Args:
        crop: (S, S, 3) RGB, uint8 or uint16 over the type's whole range, of a face.
        damaged: (S, S), above 0 where it is damaged.
        landmarks: (5, 2) of the face, xy px in the crop.
        network: paints what is white in pictures of ``network.size``, FFHQ's alignment.

    Returns:
        (S, S, 3) of the crop's type. What the network does not see is painted from around it.
    """
    filled, side = painted_over(crop, damaged), network.size
    face_from_crop = similarity(landmarks, template("ffhq", side))
    size, linear = (side, side), cv2.INTER_LINEAR
    shown = cv2.warpAffine(
        filled, face_from_crop, size, flags=linear, borderMode=cv2.BORDER_REFLECT
    )
    # Whatever a damaged sample had a part in is to be painted.
    there = (damaged > 0).astype(np.float32)
    hole = cv2.warpAffine(there, face_from_crop, size, flags=linear) > 0
    if not hole.any():
        return filled
    shown[hole] = np.iinfo(crop.dtype).max
    (painted,) = network.restore(np.ascontiguousarray(shown)[None])
    window = (0, 0, len(crop), len(crop))
    drawn = np.stack(
        [resample(channel, face_from_crop, window) for channel in cv2.split(painted)], axis=-1
    )
    drawn += _light(crop.astype(np.float32) - drawn, damaged == 0)
    taken = (damaged > 0) & _within(face_from_crop, side, len(crop))
    filled[taken] = np.clip(np.rint(drawn[taken]), 0, np.iinfo(crop.dtype).max).astype(crop.dtype)
    return filled


def _light(difference: NDArray[np.float32], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """What known samples differ by, smooth over all of (S, S, 3)."""
    weights = known.astype(np.float32)[..., None]
    sigma = _LIGHT * len(known)
    total = cv2.GaussianBlur(difference * weights, (0, 0), sigma)
    near = cv2.GaussianBlur(weights, (0, 0), sigma)[..., None] + np.float32(1e-2)
    return np.asarray(total / near, np.float32)


def _within(face_from_crop: NDArray[np.float64], side: int, size: int) -> NDArray[np.bool_]:
    """(S, S), where a crop's samples lie within the network's picture."""
    y, x = np.mgrid[:size, :size]
    places = np.stack([x, y], axis=-1) @ face_from_crop[:, :2].T + face_from_crop[:, 2]
    return np.asarray(((places >= 0) & (places <= side - 1)).all(axis=-1))
