"""Takes specks and vertical scratches out of whole frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Frame, Image, TrackedFrame
from vidrestore.film.painting.surroundings import painted_over
from vidrestore.film.repair.beside import Beside
from vidrestore.film.repair.mend import covered, light, of_film
from vidrestore.film.repair.scratches import Scratch, frame_scratches
from vidrestore.film.repair.specks import Specks
from vidrestore.film.repair.squares import Squares

_BESIDE: Final = 16  # px on each side of a scratch that painting looks at


class RepairFrames:
    """Replaces specks of single frames from the frames beside, in the whole picture.

    A ``Stage[TrackedFrame, TrackedFrame]``, one out for each in. It looks at one square after the
    other, so that it takes no more memory than a square's beside the three frames that it holds.
    Eyes and mouths of tracked faces are guarded as in crops. A shot's first and last frame, fields
    that are to be woven again (those beside have the other lines), and frames without specks pass
    as the same object.
    """

    latency: Final = 1
    memory: Final = 1

    def __init__(self) -> None:
        self._specks = Specks()
        self._beside = Beside[TrackedFrame]()

    def push(self, item: TrackedFrame, /) -> Iterable[TrackedFrame]:
        """Take a frame; give the one before it, or the rest of the shot before."""
        for three in self._beside.push(item, shot_start=item.shot_start):
            yield self._repaired(*three)

    def flush(self) -> Iterable[TrackedFrame]:
        """The last frame of a shot."""
        for three in self._beside.flush():
            yield self._repaired(*three)

    def _repaired(
        self, before: TrackedFrame | None, now: TrackedFrame, after: TrackedFrame | None
    ) -> TrackedFrame:
        if before is None or after is None or now.frame.field != "frame":
            return now
        squares = Squares(now.frame, before.frame, after.frame)
        faces = [face.landmarks for face in now.faces]
        for square in squares.all():
            squares.repair(square, self._specks, faces)
        frame = squares.repaired()
        return now if frame is now.frame else replace(now, frame=frame)


@dataclass(frozen=True, slots=True, eq=False)
class _Lined:
    """A frame and the lines in it."""

    item: TrackedFrame
    lines: tuple[Scratch, ...]


class MendFrames:
    """Paints over vertical scratches in the whole picture; a ``Stage`` of tracked frames.

    A ``Stage[TrackedFrame, TrackedFrame]``, one out for each in. A frame without scratches passes
    as the same object.
    """

    latency: Final = 1
    memory: Final = 1

    def __init__(self) -> None:
        self._beside = Beside[_Lined]()

    def push(self, item: TrackedFrame, /) -> Iterable[TrackedFrame]:
        """Take a frame; give the one before it, or the rest of the shot before."""
        lined = _Lined(item, tuple(frame_scratches(light(item.frame))))
        for three in self._beside.push(lined, shot_start=item.shot_start):
            yield _mended(*three)

    def flush(self) -> Iterable[TrackedFrame]:
        """The last frame of a shot."""
        for three in self._beside.flush():
            yield _mended(*three)


def _mended(before: _Lined | None, now: _Lined, after: _Lined | None) -> TrackedFrame:
    beside = [line for each in (before, after) if each is not None for line in each.lines]
    found = of_film(now.lines, beside, [face.landmarks for face in now.item.faces])
    if not found:
        return now.item
    return replace(now.item, frame=_without(now.item.frame, found))


def _without(frame: Frame, lines: list[Scratch]) -> Frame:
    """A frame whose lines are painted over, one after the other, in all planes but opacity."""
    fmt = frame.format
    planes = [plane.copy() for plane in frame.planes]
    for line in lines:
        mask = line.painted((fmt.height, fmt.width))
        columns = np.flatnonzero(mask.any(axis=0))
        first, last = int(columns[0]) - _BESIDE, int(columns[-1]) + _BESIDE
        for number in range(len(planes) - fmt.alpha):
            _paint(planes[number], mask, max(first, 0) / fmt.width, (last + 1) / fmt.width)
    painted = covered(lines, (fmt.height, fmt.width))
    return replace(frame.pasted(tuple(planes)), repaired=True, painted=painted)


def _paint(plane: Image, mask: NDArray[np.uint8], begin: float, end: float) -> None:
    """Paint over what a mask of the picture covers, in a plane's columns from the one part on."""
    height, width = plane.shape
    if mask.shape != plane.shape:
        mask = np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    part = np.s_[:, int(begin * width) : min(int(np.ceil(end * width)), width)]
    plane[part] = painted_over(plane[part], np.ascontiguousarray(mask[part]))
