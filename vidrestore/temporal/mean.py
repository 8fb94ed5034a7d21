"""The weighted mean of what several frames show of a face, in one frame's places."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Neighbour
from vidrestore.picture.flow import enlarged, positions, sampled
from vidrestore.picture.outline import Box
from vidrestore.temporal.planes import Planes

Float32 = NDArray[np.float32]


def mean_change(
    own: Planes,
    others: Sequence[Planes],
    near: Sequence[Neighbour],
    amount: float,
    box: Box,
    *,
    light: bool,
) -> Planes:
    """What is to be added to a frame's planes to give the weighted mean over it and its neighbours.

    Args:
        own: the frame's.
        others: the neighbours', each in its own frame's places.
        near: where these are found, and how much each counts; at least one.
        amount: factor of all their weights.
        box: the part of the crop in question.
        light: whether the neighbours are to be brought into the frame's light.

    Returns:
        Of that part.
    """
    parts = own.part(box)
    luma, red, blue = (np.zeros_like(part) for part in parts)
    for planes, neighbour in zip(others, near, strict=True):
        _count([(planes.luma, luma)], neighbour, box, cv2.INTER_CUBIC)
        # Chroma holds little that is fine.
        colours = [(planes.red, red), (planes.blue, blue)]
        _count(colours, neighbour, box.halved, cv2.INTER_LINEAR)
    # Interpolating is linear: what holds for all frames is enlarged once.
    counts = np.sum([neighbour.weights for neighbour in near], axis=0)
    if light:
        lit = np.sum([neighbour.weights * neighbour.brightness for neighbour in near], axis=0)
        luma += enlarged(lit, own.size, box)
    count = enlarged(counts, own.size, box)
    coarse = enlarged(counts, len(own.red), box.halved)
    totals = zip((luma, red, blue), (count, coarse, coarse), parts, strict=True)
    return Planes(*(_change(total, weight, part, amount) for total, weight, part in totals))


def _count(
    planes: Sequence[tuple[Float32, Float32]], neighbour: Neighbour, box: Box, interpolation: int
) -> None:
    """Let another frame's planes count: each is added to a total of that part."""
    size = len(planes[0][0])
    where = positions(neighbour.field, size, box)
    weights = enlarged(neighbour.weights, size, box)
    for plane, total in planes:
        cv2.accumulateProduct(sampled(plane, where, interpolation), weights, total)


def _change(total: Float32, count: Float32, own: Float32, amount: float) -> Float32:
    """A mean less the plane itself, which counts 1."""
    factor = np.float32(amount)
    total -= count * own
    total *= factor / (1 + factor * count)
    return total
