"""Takes cracks and folds out of the crops of faces in photos, so that no restorer draws them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import AlignedFrame
from vidrestore.film.painting.faces import FacePainter, landmarks_in_crop
from vidrestore.film.repair.cracks import cracks
from vidrestore.picture.luma import LUMA


class MendCracks:
    """Paints over lines across faces; a ``Stage[AlignedFrame, AlignedFrame]``, one out for each in.

    It knows no other frame. One in whose faces no line is found passes as the same object.

    Args:
        painter: paints over them.
    """

    latency: Final = 0
    memory: Final = 0

    def __init__(self, painter: FacePainter) -> None:
        self._painter = painter

    def push(self, item: AlignedFrame, /) -> Iterable[AlignedFrame]:
        """The frame with sound crops."""
        yield self._painter.painted(item, [_found(item, index) for index in range(len(item.faces))])

    def flush(self) -> Iterable[AlignedFrame]:
        """Nothing is ever held."""
        return ()


def _found(item: AlignedFrame, index: int) -> NDArray[np.uint8]:
    """(S, S) over a face's crop, above 0 where lines cross it."""
    crop = item.crops.pixels[index]
    luma = crop.astype(np.float32) @ LUMA
    if crop.dtype != np.uint8:
        luma /= np.float32(257)
    return cracks(np.asarray(luma, np.float32), landmarks_in_crop(item, index))
