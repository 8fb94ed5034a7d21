"""Takes cracks and folds out of the crops of faces in photos, so that no restorer draws them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from vidrestore.datatypes import AlignedFrame, Image
from vidrestore.film.repair.cracks import cracks
from vidrestore.film.repair.painting import painted_over
from vidrestore.picture.luma import LUMA
from vidrestore.picture.outline import face_box

_MARGIN: Final = 0.5  # growth of the outline beyond which nothing is mended


class MendCracks:
    """Paints over lines across faces; a ``Stage[AlignedFrame, AlignedFrame]``, one out for each in.

    It knows no other frame. One in whose faces no line is found passes as the same object.
    """

    latency: Final = 0
    memory: Final = 0

    def push(self, item: AlignedFrame, /) -> Iterable[AlignedFrame]:
        """The frame with sound crops."""
        mended = [_mended(item, index) for index in range(len(item.faces))]
        if all(new is old for new, old in zip(mended, item.crops.pixels, strict=True)):
            yield item
            return
        yield replace(item, crops=replace(item.crops, pixels=mended), original=item.source)

    def flush(self) -> Iterable[AlignedFrame]:
        """Nothing is ever held."""
        return ()


def _mended(item: AlignedFrame, index: int) -> Image:
    """A crop without lines across its face; the same object if there are none."""
    crop, matrix = item.crops.pixels[index], item.crops.crop_from_frame[index]
    landmarks = item.faces[index].landmarks
    luma = crop.astype(np.float32) @ LUMA
    if crop.dtype != np.uint8:
        luma /= np.float32(257)
    found = cracks(np.asarray(luma, np.float32), landmarks @ matrix[:, :2].T + matrix[:, 2])
    box = face_box(landmarks, _MARGIN, matrix, len(crop))
    damaged = np.zeros_like(found)
    damaged[box] = found[box]
    return painted_over(crop, damaged) if damaged.any() else crop
