"""Damage in the crops of faces, painted over so that no restorer draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import AlignedFrame, Image, Points
from vidrestore.film.painting.inpainting import inpainted
from vidrestore.film.painting.surroundings import painted_over
from vidrestore.picture.outline import face_box
from vidrestore.stages import Restorer

_MARGIN: Final = 0.5  # growth of the outline beyond which nothing is painted
_LEAST: Final = 32  # of 255, of a crop's sample that is damaged


class FacePainter:
    """Paints over damage of faces, and nowhere else.

    Args:
        network: paints what is white in faces of FFHQ's alignment, see ``inpainting``; None paints
            from what is around damage.
    """

    def __init__(self, network: Restorer | None) -> None:
        self._network = network

    def painted(
        self, item: AlignedFrame, damage: Sequence[NDArray[np.uint8] | None]
    ) -> AlignedFrame:
        """A frame with sound crops; the same object if nothing of its faces is damaged.

        Args:
            item: the frame.
            damage: of each face (S, S) over its crop, above 0 where it is damaged; None for none.
        """
        crops = [self._crop(item, index, found) for index, found in enumerate(damage)]
        if all(new is old for new, old in zip(crops, item.crops.pixels, strict=True)):
            return item
        return replace(item, crops=replace(item.crops, pixels=crops), original=item.source)

    def _crop(self, item: AlignedFrame, index: int, found: NDArray[np.uint8] | None) -> Image:
        crop = item.crops.pixels[index]
        if found is None:
            return crop
        landmarks, matrix = item.faces[index].landmarks, item.crops.crop_from_frame[index]
        box = face_box(landmarks, _MARGIN, matrix, len(crop))
        damaged = np.zeros_like(found)
        damaged[box] = found[box]
        if not damaged.any():
            return crop
        if self._network is None:
            return painted_over(crop, damaged)
        return inpainted(crop, damaged, landmarks_in_crop(item, index), self._network)


def in_crop(item: AlignedFrame, index: int, damaged: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(S, S) over a face's crop, 1 where the frame is damaged, else 0.

    Args:
        item: the frame.
        index: of the face.
        damaged: (H, W) over the frame, 255 where it is damaged, else 0.
    """
    size = len(item.crops.pixels[index])
    matrix = item.crops.crop_from_frame[index]
    there = cv2.warpAffine(damaged, matrix, (size, size), flags=cv2.INTER_LINEAR)
    return (there > _LEAST).astype(np.uint8)


def landmarks_in_crop(item: AlignedFrame, index: int) -> Points:
    """(5, 2) landmarks xy px of a face in its crop."""
    matrix = item.crops.crop_from_frame[index]
    return np.asarray(item.faces[index].landmarks @ matrix[:, :2].T + matrix[:, 2], np.float64)
