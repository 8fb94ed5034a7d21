"""Dense optical flow between crops of one face, and pictures brought along it.

Convention: grays are (n, n) uint8; a field is (n, n, 2) float32, of a part of a crop (h, w, 2), xy
in pixels of its own grid: what the one picture shows at ``(x, y)`` the other shows at
``(x, y) + field[y, x]``.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.picture.outline import Box

Float32 = NDArray[np.float32]
Gray = NDArray[np.uint8]

# The preset's own finest scale of 2 misses lids and lips, 0 follows noise. Refining each search by
# variation takes twice the time and gains less than refining what was chained of them.
_FINEST_SCALE = 1
_SMALLEST_STEP = 1 / 32  # to which OpenCV rounds the places that it interpolates at, px
# Of refining, in which the pictures are looked at anew: OpenCV's 5 take twice the time. Smoothness
# counts as OpenCV has it: half of it gains more on clean faces, but follows what compression makes
# of worn ones, which is then strengthened with the rest.
_ROUNDS = 2


class FlowSearch:
    """Dense inverse search (Kroeger et al., ECCV 2016); not for several threads at once."""

    def __init__(self) -> None:
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._search.setFinestScale(_FINEST_SCALE)
        self._search.setVariationalRefinementIterations(0)

    def field(self, of: Gray, in_: Gray) -> Float32:
        """(n, n, 2), where the points of one picture lie in the other; n of at least 16."""
        start = np.zeros((*of.shape, 2), np.float32)
        return np.asarray(self._search.calc(of, in_, start), np.float32)


class FlowRefinement:
    """Brings a field nearer to what two pictures show; not for several threads at once.

    Variational (Brox et al., "High Accuracy Optical Flow Estimation Based on a Theory for Warping",
    ECCV 2004): brightness and its slopes are to agree and the field is to be smooth.
    """

    def __init__(self) -> None:
        self._refinement = cv2.VariationalRefinement.create()
        self._refinement.setFixedPointIterations(_ROUNDS)

    def field(self, of: Gray, in_: Gray, start: Float32) -> Float32:
        """(h, w, 2), where the points of one picture lie in the other.

        Args:
            of: (h, w).
            in_: (h, w).
            start: right to a pixel or so; on any grid over the same part of the frame.
        """
        u, v = cv2.split(resized(start, of.shape))
        return np.asarray(cv2.merge(self._refinement.calcUV(of, in_, u, v)), np.float32)


def resized(field: Float32, shape: tuple[int, ...]) -> Float32:
    """A field on another grid (h, w) over the same place, with cells of the same proportions."""
    if field.shape[:2] == shape:
        return field
    height, width = shape
    how = cv2.INTER_AREA if height < len(field) else cv2.INTER_LINEAR
    other = cv2.resize(field, (width, height), interpolation=how)
    return np.asarray(other * np.float32(height / len(field)), np.float32)


def bring(picture: Float32, field: Float32, interpolation: int = cv2.INTER_CUBIC) -> Float32:
    """A picture of another frame in this one's places; its border is repeated beyond it.

    Args:
        picture: (S, S) or (S, S, C) float32.
        field: (n, n, 2), on a grid over the same square.
        interpolation: OpenCV's; linear for what must not overshoot.

    Returns:
        A new picture, or the very same where nothing has moved.
    """
    size, cells = len(picture), len(field)
    if np.abs(field).max() * (size / cells) < _SMALLEST_STEP / 2:
        return picture
    return sampled(picture, positions(field, size), interpolation)


def positions(field: Float32, size: int, box: Box | None = None) -> Float32:
    """(h, w, 2) xy that each pixel of a picture of that size comes from, or of a part of it."""
    grid = _grid(size) if box is None else _grid(size)[box]
    if len(field) == size:
        return (field if box is None else field[box]) + grid
    fine = enlarged(field * np.float32(size / len(field)), size, box)
    fine += grid
    return fine


def enlarged(cells: Float32, size: int, box: Box | None = None) -> Float32:
    """(h, w) or (h, w, C), cells (n, n) interpolated to (size, size), or to a part of that."""
    if box is None or size % len(cells):
        whole = np.asarray(cv2.resize(cells, (size, size)), np.float32)
        return whole if box is None else whole[box]
    # Only the part is made: with a cell more on each side it is what the whole would give.
    step = size // len(cells)
    starts = [max(part.start // step - 1, 0) for part in box]
    stops = [min(-(-part.stop // step) + 1, len(cells)) for part in box]
    (top, left), (bottom, right) = starts, stops
    shape = (right - left) * step, (bottom - top) * step
    made = cv2.resize(cells[top:bottom, left:right], shape)
    rows, columns = (
        slice(part.start - start * step, part.stop - start * step)
        for part, start in zip(box, starts, strict=True)
    )
    return np.asarray(made[rows, columns], np.float32)


def sampled(picture: Float32, where: Float32, interpolation: int = cv2.INTER_CUBIC) -> Float32:
    """The picture's values at places (h, w, 2); its border is repeated beyond it."""
    values = cv2.remap(picture, where, None, interpolation, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    return np.asarray(values, np.float32)


def chained(first: Float32, second: Float32) -> Float32:
    """The field from a first frame to a third, from those to the second and on to the third."""
    return np.asarray(first + bring(second, first, cv2.INTER_LINEAR), np.float32)


@lru_cache(maxsize=8)
def _grid(size: int) -> Float32:
    """(size, size, 2) xy of each pixel; read-only."""
    axis = np.arange(size, dtype=np.float32)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1)
    grid.flags.writeable = False
    return grid
