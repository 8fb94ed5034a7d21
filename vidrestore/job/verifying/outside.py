"""Whether anything outside the faces differs between a source and its result."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Frame, FrameFormat, Image
from vidrestore.report.arrays import Regions


@dataclass(slots=True)
class Outside:
    """How two videos differ where nothing was to be changed.

    Attributes:
        frames: pairs of frames.
        changed: frames of these in which a sample differs.
        first: the first such frame; None without any.
        samples: that were compared, over all planes.
        error: sum of the squared differences, in units of the whole range.
        mismatch: why the rest cannot be compared; None if all was.
    """

    frames: int = 0
    changed: int = 0
    first: int | None = None
    samples: int = 0
    error: float = 0.0
    mismatch: str | None = None

    @property
    def psnr(self) -> float:
        """Of all compared samples together, dB; infinite where nothing differs."""
        return math.inf if not self.error else -10 * math.log10(self.error / self.samples)


def compare_outside(source: Iterator[Frame], result: Iterator[Frame], regions: Regions) -> Outside:
    """Compare all samples outside the regions, frame by frame.

    Args:
        source: frames as they went to the encoder, but for the faces.
        result: frames of the result.
        regions: (n, 5) int32, rows ``frame, x0, y0, x1, y1`` in luma samples.
    """
    found = Outside()
    order = np.argsort(regions[:, 0], kind="stable")
    rows, at = regions[order], 0
    for number, (one, other) in enumerate(zip_longest(source, result)):
        if one is None or other is None:
            found.mismatch = f"one has {number} frames, the other more"
            return found
        if (why := _other_kind(one.format, other.format)) is not None:
            found.mismatch = why
            return found
        upto = at
        while upto < len(rows) and rows[upto, 0] <= number:
            upto += 1
        _compare(one, other, rows[at:upto, 1:], found)
        at = upto
    return found


def _other_kind(one: FrameFormat, other: FrameFormat) -> str | None:
    if (one.width, one.height) != (other.width, other.height):
        return f"{one.width}x{one.height} became {other.width}x{other.height}"
    if one.pix_fmt != other.pix_fmt:
        return f"{one.pix_fmt} became {other.pix_fmt}"
    return None


def _compare(one: Frame, other: Frame, boxes: NDArray[np.int32], found: Outside) -> None:
    differs = False
    for number, (was, now) in enumerate(zip(one.planes, other.planes, strict=True)):
        outside = _outside(was, boxes, _shift(one.format, number))
        unequal = (was != now) & outside
        found.samples += int(outside.sum())
        if unequal.any():
            differs = True
            step = (was.astype(np.float64) - now)[unequal] / ((1 << one.format.bits) - 1)
            found.error += float((step**2).sum())
    if differs:
        found.changed += 1
        found.first = found.frames if found.first is None else found.first
    found.frames += 1


def _shift(form: FrameFormat, plane: int) -> tuple[int, int]:
    return form.chroma_shift if form.layout == "yuv" and plane in (1, 2) else (0, 0)


def _outside(plane: Image, boxes: NDArray[np.int32], shift: tuple[int, int]) -> NDArray[np.bool_]:
    """Where a plane may not have changed: all but samples that a box covers, if only in part."""
    mask = np.ones(plane.shape, np.bool_)
    for x0, y0, x1, y1 in boxes:
        right, down = -(-int(x1) // (1 << shift[0])), -(-int(y1) // (1 << shift[1]))
        mask[int(y0) >> shift[1] : down, int(x0) >> shift[0] : right] = False
    return mask
