"""Takes scratches out of the crops of faces, so that no restorer draws them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import AlignedFrame, Frame, Points
from vidrestore.film.painting.faces import FacePainter, in_crop
from vidrestore.film.repair.beside import Beside
from vidrestore.film.repair.scratches import Scratch, frame_scratches
from vidrestore.picture.outline import face_outline


@dataclass(frozen=True, slots=True, eq=False)
class _Lined:
    """A frame and the lines in it."""

    item: AlignedFrame
    lines: tuple[Scratch, ...]


class MendScratches:
    """Paints over vertical scratches; a ``Stage[AlignedFrame, AlignedFrame]``, one out for each in.

    A frame without scratches passes as the same object.

    Args:
        painter: paints over them.
    """

    latency: Final = 1
    memory: Final = 1

    def __init__(self, painter: FacePainter) -> None:
        self._painter = painter
        self._beside = Beside[_Lined]()

    def push(self, item: AlignedFrame, /) -> Iterable[AlignedFrame]:
        """Take a frame; give the one before it, or the rest of the shot before."""
        lined = _Lined(item, tuple(frame_scratches(light(item.frame))) if item.faces else ())
        for three in self._beside.push(lined, shot_start=item.shot_start):
            yield self._mended(*three)

    def flush(self) -> Iterable[AlignedFrame]:
        """The last frame of a shot."""
        for three in self._beside.flush():
            yield self._mended(*three)

    def _mended(self, before: _Lined | None, now: _Lined, after: _Lined | None) -> AlignedFrame:
        beside = [line for each in (before, after) if each is not None for line in each.lines]
        item = now.item
        if not any(line.near(other) for line in now.lines for other in beside):
            return item
        lines = [of_film(now.lines, beside, [face.landmarks]) for face in item.faces]
        return self._painter.painted(item, [_damage(item, *each) for each in enumerate(lines)])


def _damage(item: AlignedFrame, index: int, lines: list[Scratch]) -> NDArray[np.uint8] | None:
    """(S, S) over a face's crop, above 0 where lines cross it; None without any."""
    return in_crop(item, index, covered(lines, item.frame.planes[0].shape)) if lines else None


def light(frame: Frame) -> NDArray[np.float32]:
    """The first plane, levels of 0..255."""
    unit = np.float32(1 << (frame.format.bits - 8))
    return np.asarray(frame.planes[0].astype(np.float32) / unit, np.float32)


def of_film(
    lines: Iterable[Scratch], beside: Sequence[Scratch], faces: Sequence[Points]
) -> list[Scratch]:
    """The lines that the scene does not have.

    Such a line is shown by the frame before or the one after, too, at the same place. There it
    looks otherwise, or it crosses a face.

    Args:
        lines: of a frame.
        beside: of the frames before and after.
        faces: (5, 2) landmarks xy px of each face.
    """
    spans = [_span(landmarks) for landmarks in faces]
    found = []
    for line in lines:
        same = [other for other in beside if line.near(other)]
        if same and (any(map(line.changed, same)) or any(_crosses(line, span) for span in spans)):
            found.append(line)
    return found


def _span(landmarks: Points) -> tuple[Points, Points]:
    """Lowest and highest xy of a face."""
    outline = face_outline(landmarks)
    return outline.min(axis=0), outline.max(axis=0)


def _crosses(line: Scratch, span: tuple[Points, Points]) -> bool:
    """Whether a line is visible on a face, and not merely above and below it."""
    (left, top), (right, bottom) = span
    within = left <= float(np.median(line.places)) <= right
    return within and line.crosses(float(top), float(bottom))


def covered(lines: Iterable[Scratch], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W) 255 where any of these lines may have changed a picture of that shape, else 0."""
    mask = np.zeros(shape, np.uint8)
    for line in lines:
        mask |= line.painted(shape)
    return mask
