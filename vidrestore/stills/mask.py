"""Damage that somebody has painted over by hand: a picture that is white where a photo is damaged.

It is filled in from its surroundings before faces are looked for (Telea, "An image inpainting
technique based on the fast marching method", 2004). Every other sample stays as it is.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.config import InputConfig
from vidrestore.datatypes import Frame
from vidrestore.errors import InputError
from vidrestore.stills.source import StillSource

_RADIUS: Final = 4.0  # px around damage that it is filled in from
_AROUND: Final = 16  # px that are looked at around a piece of damage


def read_mask(path: str, config: InputConfig, width: int, height: int) -> NDArray[np.uint8]:
    """A mask for an upright picture of a size.

    Args:
        path: of a photo of any kind; half of white, or more, means damage.
        config: limits.
        width: px.
        height: px.

    Returns:
        (h, w), 1 where there is damage, else 0.

    Raises:
        InputError: it cannot be read, or is of another size.
    """
    with closing(StillSource(path, config)) as source:
        frame = source.page(0).frame
    fmt = frame.format
    if (fmt.width, fmt.height) != (width, height):
        raise InputError(
            f"{path} is {fmt.width}x{fmt.height}, the photo {width}x{height}; paint the mask over "
            "the photo as it is seen"
        )
    return (frame.planes[0] >= 1 << (fmt.bits - 1)).astype(np.uint8)


def filled(frame: Frame, mask: NDArray[np.uint8]) -> Frame:
    """A picture whose damage is filled in; the same object if the mask is empty.

    Args:
        frame: of full resolution in all planes.
        mask: (h, w), 1 where there is damage.
    """
    count, _, boxes, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return frame
    planes = [np.array(plane) for plane in frame.planes]
    for x, y, width, height, _ in boxes[1:]:
        window = np.s_[
            max(y - _AROUND, 0) : y + height + _AROUND, max(x - _AROUND, 0) : x + width + _AROUND
        ]
        damaged = np.ascontiguousarray(mask[window])
        for plane in planes[: len(planes) - frame.format.alpha]:
            part = np.ascontiguousarray(plane[window])
            plane[window] = cv2.inpaint(part, damaged, _RADIUS, cv2.INPAINT_TELEA)
    return replace(frame.pasted(tuple(planes)), painted=mask * np.uint8(255))
