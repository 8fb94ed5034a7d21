"""Colour that leaves luma as it was, sample by sample.

In frames of Y'CbCr luma has a plane of its own, which colouring does not touch. In RGB it is a sum
(BT.601's) of three rounded samples: there colour is taken back as far as a channel would leave its
range, and green is moved by one where rounding moved luma.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Frame, Region
from vidrestore.picture.luma import BT601

Float32 = NDArray[np.float32]

# Planes of RGB frames are G, B, R.
_WEIGHTS = np.array([BT601[1], BT601[2], BT601[0]], np.float32)
_TINY = np.float32(1e-6)


def with_luma_of(source: Frame, coloured: Frame, regions: Iterable[Region]) -> Frame:
    """A coloured RGB frame whose luma is another's; frames of other layouts are as they should be.

    Where the source has no colour, its luma comes back bit for bit; elsewhere to half a code value.

    Args:
        source: the frame before.
        coloured: the same frame with colour.
        regions: where it was coloured.
    """
    if source.format.layout != "rgb" or coloured is source:
        return coloured
    planes = [np.array(plane) for plane in coloured.planes]
    top = np.float32((1 << source.format.bits) - 1)
    for region in regions:
        window = np.s_[region.y0 : region.y1, region.x0 : region.x1]
        before, after = (
            np.stack([plane[window] for plane in each[:3]], axis=-1).astype(np.float32)
            for each in (source.planes, planes)
        )
        for plane, values in zip(
            planes, np.moveaxis(_kept(before, after, top), -1, 0), strict=False
        ):
            plane[window] = values
    return coloured.pasted(tuple(planes))


def _kept(before: Float32, after: Float32, top: np.float32) -> Float32:
    """(h, w, 3) rounded samples of the colour of one picture with the luma of another."""
    change = after - before
    change -= (change @ _WEIGHTS)[..., None]
    room = np.where(change > 0, top - before, before) / np.maximum(np.abs(change), _TINY)
    change *= np.minimum(room.min(axis=-1, keepdims=True), 1)
    values = np.rint(before + change)
    off = (values - before) @ _WEIGHTS
    half = np.float32(0.5)
    values[..., 0] += np.where(off <= -half, 1, 0) - np.where(off >= half, 1, 0)
    return np.asarray(np.clip(values, 0, top), np.float32)
