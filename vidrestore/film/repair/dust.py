"""Replaces specks in the crops of faces from the frames beside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import AlignedFrame, Image, Points
from vidrestore.film.repair.beside import Beside
from vidrestore.film.repair.filling import filled
from vidrestore.film.repair.specks import Specks
from vidrestore.picture.luma import LUMA
from vidrestore.picture.resample import sized

_SIDE: Final = 1 / 32  # of a crop, along its border: nothing is looked for there


class RepairFaces:
    """Takes specks of single frames out of the crops, before the faces are averaged and restored.

    A ``Stage[AlignedFrame, AlignedFrame]``, one out for each in. A result
    depends on one frame before and one after, as they came, and on nothing else.
    A face that one of the two does not show, and every face of a shot's first and last frame, stays
    as it is; a frame without specks passes as the same object.
    """

    latency: Final = 1
    memory: Final = 1

    def __init__(self) -> None:
        self._search = Specks()
        self._beside = Beside[AlignedFrame]()

    def push(self, item: AlignedFrame, /) -> Iterable[AlignedFrame]:
        """Take a frame; give the one before it, or the rest of the shot before."""
        for three in self._beside.push(item, shot_start=item.shot_start):
            yield self._repaired(*three)

    def flush(self) -> Iterable[AlignedFrame]:
        """The last frame of a shot."""
        for three in self._beside.flush():
            yield self._repaired(*three)

    def _repaired(
        self, before: AlignedFrame | None, now: AlignedFrame, after: AlignedFrame | None
    ) -> AlignedFrame:
        if before is None or after is None:
            return now
        earlier, later = _crops(before), _crops(after)
        sound = list(now.crops.pixels)
        for index, face in enumerate(now.faces):
            if face.track_id not in earlier or face.track_id not in later:
                continue
            matrix = now.crops.crop_from_frame[index]
            points = face.landmarks @ matrix[:, :2].T + matrix[:, 2]
            crop = sound[index]
            # Crops of a face that comes nearer grow.
            before_it, after_it = (sized(c[face.track_id], len(crop)) for c in (earlier, later))
            sound[index] = without_specks(self._search, crop, before_it, after_it, points)
        if all(a is b for a, b in zip(sound, now.crops.pixels, strict=True)):
            return now
        return replace(now, crops=replace(now.crops, pixels=sound), original=now.source)


def without_specks(
    search: Specks, now: Image, before: Image, after: Image, points: Points
) -> Image:
    """A crop of a face without its specks; the very same object if it has none.

    Args:
        search: finds them.
        now: (S, S, 3) uint8 or uint16 RGB.
        before: of the same face one frame earlier.
        after: one frame later.
        points: (5, 2) landmarks xy in the crop.
    """
    margin = round(_SIDE * len(now))
    found = search.found(_luma(now), _luma(before), _luma(after), [points], margin)
    return now if found is None else filled(now, before, after, found)


def _luma(crop: Image) -> NDArray[np.float32]:
    luma = crop.astype(np.float32) @ LUMA
    return luma if crop.dtype == np.uint8 else luma / np.float32(257)


def _crops(item: AlignedFrame) -> dict[int, Image]:
    """By track id."""
    return {face.track_id: crop for face, crop in zip(item.faces, item.crops.pixels, strict=True)}
