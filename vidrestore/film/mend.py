"""Takes scratches out of the crops of faces, so that no restorer draws them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import AlignedFrame, Frame, Image
from vidrestore.film.scratches import Scratch, scratches
from vidrestore.picture.outline import face_box

_RADIUS: Final = 3.0  # px around damage that it is painted from
_MARGIN: Final = 0.5  # growth of the outline beyond which nothing is mended


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A frame and the lines in it."""

    item: AlignedFrame
    lines: tuple[Scratch, ...]


class MendScratches:
    """Paints over vertical scratches; a ``Stage[AlignedFrame, AlignedFrame]``, one out for each in.

    A line counts if the frame before or the one after shows it, too, at the same place. It is
    painted from both of its sides (Telea, "An image inpainting technique based on the fast marching
    method", 2004). A frame without scratches passes as the same object.
    """

    latency: Final = 1
    memory: Final = 1

    def __init__(self) -> None:
        self._before: _Seen | None = None
        self._now: _Seen | None = None

    def push(self, item: AlignedFrame, /) -> Iterable[AlignedFrame]:
        """Take a frame; give the one before it, or the rest of the shot before."""
        if item.shot_start:
            yield from self.flush()
        seen = _Seen(item, tuple(scratches(_luma(item.frame))) if item.faces else ())
        if self._now is not None:
            yield self._mended(self._now, self._before, seen)
        self._before, self._now = self._now, seen

    def flush(self) -> Iterable[AlignedFrame]:
        """The last frame of a shot."""
        last, before, self._before, self._now = self._now, self._before, None, None
        if last is not None:
            yield self._mended(last, before, None)

    def _mended(self, now: _Seen, before: _Seen | None, after: _Seen | None) -> AlignedFrame:
        beside = [line for each in (before, after) if each is not None for line in each.lines]
        lasting = [line for line in now.lines if any(line.near(other) for other in beside)]
        item = now.item
        if not lasting or not item.faces:
            return item
        shape = item.frame.planes[0].shape
        mask = np.zeros(shape[:2], np.uint8)
        for line in lasting:
            mask |= line.painted((shape[0], shape[1]))
        mended = [_painted(item, index, mask) for index in range(len(item.faces))]
        if all(new is old for new, old in zip(mended, item.crops.pixels, strict=True)):
            return item
        return replace(item, crops=replace(item.crops, pixels=mended), original=item.source)


def _luma(frame: Frame) -> NDArray[np.float32]:
    """The first plane, levels of 0..255."""
    unit = np.float32(1 << (frame.format.bits - 8))
    return np.asarray(frame.planes[0].astype(np.float32) / unit, np.float32)


def _painted(item: AlignedFrame, index: int, mask: NDArray[np.uint8]) -> Image:
    """A crop without what the mask of its frame covers; the same object if it covers nothing."""
    crop, matrix = item.crops.pixels[index], item.crops.crop_from_frame[index]
    size = len(crop)
    there = cv2.warpAffine(mask, matrix, (size, size), flags=cv2.INTER_LINEAR)
    damaged = (there > 32).astype(np.uint8)
    box = face_box(item.faces[index].landmarks, _MARGIN, matrix, size)
    inside = np.zeros_like(damaged)
    inside[box] = damaged[box]
    if not inside.any():
        return crop
    if crop.dtype == np.uint8:
        return np.asarray(cv2.inpaint(crop, inside, _RADIUS, cv2.INPAINT_TELEA))
    channels = [cv2.inpaint(each, inside, _RADIUS, cv2.INPAINT_TELEA) for each in cv2.split(crop)]
    return np.asarray(cv2.merge(channels), crop.dtype)
