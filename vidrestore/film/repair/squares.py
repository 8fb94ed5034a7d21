"""A frame between two others, looked at and repaired square by square."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Frame, FrameFormat, Image, Points
from vidrestore.film.repair.filling import filled_part
from vidrestore.film.repair.specks import Found, Specks
from vidrestore.picture.luma import BT601

_SIDE: Final = 512  # px, of a square
_OVERLAP: Final = 64  # px at its sides that are looked at for the sake of the rest
_SMALLEST: Final = 32  # px, of a frame's shorter side
_FAST: Final = 12.0  # px from one frame to the next
_TURN: Final = (4.0, 0.5)  # px, and parts of the speed, that a motion may change
_AROUND: Final = 8  # cells of the flow around a speck
_CALM: Final = 0.5  # of these
_GRID: Final = 8  # px; squares begin at its multiples, so that they do in subsampled planes, too


@dataclass(frozen=True, slots=True)
class _Square:
    """Luma samples x to x + side of lines y to y + side, and what of them is its own."""

    x: int
    y: int
    side: int
    own: tuple[slice, slice]


class Squares:
    """A frame and those beside it; repairs are gathered, and the frame itself is not changed.

    Args:
        now: the frame.
        before: of the same format.
        after: likewise.
    """

    def __init__(self, now: Frame, before: Frame, after: Frame) -> None:
        self._frame = now
        self._three = [_padded(frame) for frame in (now, before, after)]
        self._copies: list[Image] | None = None

    def all(self) -> Iterator[_Square]:
        """Squares that cover the frame; none where it is tiny."""
        height, width = self._three[0][0].shape
        side = min(_SIDE, height, width)
        if side < _SMALLEST:
            return
        for y, rows in _starts(height, side):
            for x, columns in _starts(width, side):
                yield _Square(x, y, side, (rows, columns))

    def repair(self, square: _Square, search: Specks, faces: Sequence[Points]) -> None:
        """Replace the specks of a square.

        Args:
            square: one of ``all``.
            search: finds them.
            faces: (5, 2) landmarks xy px of the frame's faces.
        """
        now, before, after = (self._luma(planes, square) for planes in self._three)
        near = [points - (square.x, square.y) for points in faces]
        found = search.found(now, before, after, near, 0)
        if found is None:
            return
        specks = _steady(found, square.own)
        if specks.any():
            self._fill(square, replace(found, specks=specks))

    def repaired(self) -> Frame:
        """The frame without what was found; the same object if that is nothing."""
        frame = self._frame
        if self._copies is None:
            return frame
        count = len(self._copies)
        planes = [
            np.ascontiguousarray(copy[: plane.shape[0], : plane.shape[1]])
            for copy, plane in zip(self._copies, frame.planes[:count], strict=True)
        ]
        return replace(frame.pasted((*planes, *frame.planes[count:])), repaired=True)

    def _luma(self, planes: list[Image], square: _Square) -> NDArray[np.float32]:
        """Levels of 0..255."""
        fmt = self._frame.format
        unit = np.float32(1 << (fmt.bits - 8))
        if fmt.layout != "rgb":
            return np.asarray(
                _part(planes[0], square, (0, 0)).astype(np.float32) / unit, np.float32
            )
        green, blue, red = (_part(plane, square, (0, 0)).astype(np.float32) for plane in planes)
        r, g, b = (np.float32(weight) for weight in BT601)
        return np.asarray((r * red + g * green + b * blue) / unit, np.float32)

    def _fill(self, square: _Square, found: Found) -> None:
        if self._copies is None:
            self._copies = [plane.copy() for plane in self._three[0]]
        for number, copy in enumerate(self._copies):
            shift = _shift(self._frame.format, number)
            now, before, after = (_part(planes[number], square, shift) for planes in self._three)
            # What other squares have replaced beside this one's own stays.
            np.copyto(
                _part(copy, square, shift),
                new := filled_part(now, before, after, found),
                where=new != now,
            )


def _steady(found: Found, own: tuple[slice, slice]) -> NDArray[np.uint8]:
    """The specks whose middle is a square's own, where the picture moves on as it has moved.

    Elsewhere, and where it moves fast (pans, what comes out from behind something), no neighbour
    tells what is right.
    """
    px = len(found.specks) / len(found.fields[0])
    before, after = (field * np.float32(px) for field in found.fields)
    speed = np.maximum(np.linalg.norm(before, axis=2), np.linalg.norm(after, axis=2))
    turn = np.linalg.norm(before + after, axis=2)
    calm = (speed <= _FAST) & (turn <= _TURN[0] + _TURN[1] * speed)
    count, labels, boxes, middles = cv2.connectedComponentsWithStats(found.specks)
    kept = np.zeros(count, np.uint8)
    for label in range(1, count):
        column, row = middles[label]
        if not (own[0].start <= row < own[0].stop and own[1].start <= column < own[1].stop):
            continue
        x, y, width, height, _ = (int(value) for value in boxes[label])
        # Flow beside a speck still follows it a little: most of a neighbourhood says what it is.
        rows = slice(max(int(y / px) - _AROUND, 0), int((y + height) / px) + _AROUND)
        columns = slice(max(int(x / px) - _AROUND, 0), int((x + width) / px) + _AROUND)
        kept[label] = calm[rows, columns].mean() >= _CALM
    return np.asarray(kept[labels], np.uint8)


def _starts(length: int, side: int) -> Iterator[tuple[int, slice]]:
    """Where squares begin along an axis, and which part of each is its own."""
    overlap = min(_OVERLAP, side // 4)
    step, at, done = side - 2 * overlap, 0, 0
    while True:
        at = min(at, length - side)
        last = at + side >= length
        end = length if last else at + side - overlap
        yield at, slice(done - at, end - at)
        if last:
            return
        at, done = at + step, end


def _padded(frame: Frame) -> list[Image]:
    """The planes, but for opacity, as if the frame's sides were multiples of the grid's."""
    fmt = frame.format
    width, height = (-(-side // _GRID) * _GRID for side in (fmt.width, fmt.height))
    planes = []
    for number, plane in enumerate(frame.planes[: len(frame.planes) - fmt.alpha]):
        sx, sy = _shift(fmt, number)
        more = (height >> sy) - plane.shape[0], (width >> sx) - plane.shape[1]
        padding = [(0, each) for each in more]
        planes.append(np.pad(plane, padding, mode="edge") if any(more) else plane)
    return planes


def _shift(fmt: FrameFormat, number: int) -> tuple[int, int]:
    return fmt.chroma_shift if fmt.layout == "yuv" and number in (1, 2) else (0, 0)


def _part(plane: Image, square: _Square, shift: tuple[int, int]) -> Image:
    """A view of a plane."""
    sx, sy = shift
    rows = slice(square.y >> sy, (square.y + square.side) >> sy)
    return plane[rows, square.x >> sx : (square.x + square.side) >> sx]
