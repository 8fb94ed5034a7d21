"""A whole picture redrawn in tiles, as what a network adds to plain enlarging.

The picture is enlarged by Lanczos first; a network sees the small picture tile by tile, with what
surrounds each, and what it draws otherwise is added to the large one's own samples. So any layout
of samples comes through, and memory beside the picture is that of a few tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Frame, Image
from vidrestore.picture.colour import chroma_from_luma, to_rgb, to_sample_differences
from vidrestore.picture.resample import compose, resample

if TYPE_CHECKING:
    from vidrestore.restore.background.upscaler import Upscaler

Float32 = NDArray[np.float32]

TILE: Final = 192
"""Side of what a tile shows of the small picture, px."""
AROUND: Final = 16
"""Px of its surroundings on each side, which the network sees and nobody uses."""
_BATCH = 2
_STILL = 2.0  # levels of the source's luma, up to which a sample counts as one that rests
_EVERY = 4  # of how many samples across and down one is looked at


class _Tile(NamedTuple):
    """Px of the small picture."""

    x0: int
    y0: int
    x1: int
    y1: int


class Boil:
    """How much restlessness redrawing adds where the source rests, levels of luma.

    Frames beside those of the result are looked at and not counted, so that the segments of a video
    count what the whole would.
    """

    def __init__(self) -> None:
        self._before: tuple[Float32, Float32] | None = None
        self._sum, self._count = 0.0, 0

    def observe(self, plain: Image, redrawn: Image, unit: float, *, counts: bool = True) -> None:
        """Look at the next frame: its first plane as enlarged plainly, and as redrawn.

        Args:
            plain: (h, w) samples.
            redrawn: the same, as the network has it.
            unit: code values of an 8-bit level.
            counts: whether the frame is one of the result.
        """
        parts = (plane[::_EVERY, ::_EVERY].astype(np.float32) for plane in (plain, redrawn))
        first, second = (part / np.float32(unit) for part in parts)
        seen = first.astype(np.float32), second.astype(np.float32)
        before, self._before = self._before, seen
        if not counts or before is None or before[0].shape != seen[0].shape:
            return
        was, now = (np.abs(a - b) for a, b in zip(before, seen, strict=True))
        rests = was <= _STILL
        if rests.mean() > 0.05:
            self._sum += float((now - was)[rests].mean())
            self._count += 1

    def taken(self) -> tuple[float, int]:
        """Levels of 0..255 from one frame to the next, their sum and of how many, since last asked.

        Where next to nothing rests a frame is not among them.
        """
        found = self._sum, self._count
        self._sum, self._count = 0.0, 0
        return found


class Redraw:
    """Gives each frame at the result's size, redrawn by a network.

    Args:
        upscaler: the network.
        scale: enlarges a frame plainly; None where its size stays.
    """

    def __init__(self, upscaler: Upscaler, scale: Callable[[Frame], Frame] | None) -> None:
        self._upscaler, self._scale = upscaler, scale
        self.boil = Boil()

    def __call__(self, frame: Frame, /) -> Frame:
        """The same moment, redrawn."""
        plain = frame if self._scale is None else self._scale(frame)
        planes = [np.array(plane) for plane in plain.planes]
        tiles = list(_tiles(frame))
        for some in (tiles[first : first + _BATCH] for first in range(0, len(tiles), _BATCH)):
            shown = [self._shown(frame, tile) for tile in some]
            for tile, drawn in zip(some, self._upscaler.enlarge(shown), strict=True):
                self._write(frame, plain, planes, tile, drawn)
        unit = 1 << (plain.format.bits - 8)
        self.boil.observe(plain.planes[0], planes[0], unit, counts=frame.role == "result")
        return plain.pasted(tuple(planes))

    def _shown(self, frame: Frame, tile: _Tile) -> Float32:
        """(h, w, 3) RGB of a tile with its surroundings, of a size that the network takes."""
        side = TILE + 2 * AROUND
        side = max(
            -(-side // self._upscaler.multiple) * self._upscaler.multiple, self._upscaler.least
        )
        x0, y0 = tile.x0 - AROUND, tile.y0 - AROUND
        return _rgb(frame, np.eye(2, 3), (x0, y0, x0 + side, y0 + side))

    def _write(
        self, frame: Frame, plain: Frame, planes: list[Image], tile: _Tile, drawn: Float32
    ) -> None:
        """Add what was drawn otherwise to a tile of the large picture."""
        old, new, times = frame.format, plain.format, self._upscaler.scale
        across, down = new.width / old.width, new.height / old.height
        sx, sy = new.chroma_shift
        # Edges of tiles lie on the chroma grid, and each large sample belongs to one tile.
        x0, x1 = (_edge(x, across, sx, old.width, new.width) for x in (tile.x0, tile.x1))
        y0, y1 = (_edge(y, down, sy, old.height, new.height) for y in (tile.y0, tile.y1))
        corner = np.array([tile.x0 - AROUND, tile.y0 - AROUND], np.float64) * times
        ratio = np.array([times / across, times / down])
        drawn_from_new = np.column_stack([np.diag(ratio), 0.5 * ratio - 0.5 - corner])
        window = (x0, y0, x1, y1)
        values = np.stack(
            [resample(channel, drawn_from_new, window) for channel in cv2.split(drawn)], axis=-1
        )
        change = np.clip(values, 0, 255).astype(np.float32)
        change -= _rgb(plain, np.eye(2, 3), window)
        top = np.float32((1 << new.bits) - 1)
        for number, difference in enumerate(to_sample_differences(change, new)):
            chroma = number > 0 and new.layout == "yuv"
            ax, ay = (sx, sy) if chroma else (0, 0)
            part = np.s_[y0 >> ay : -(-y1 >> ay), x0 >> ax : -(-x1 >> ax)]
            target = planes[number][part]
            added: Image = difference
            if chroma and (sx or sy):
                added = cv2.resize(difference, target.shape[::-1], interpolation=cv2.INTER_AREA)
            planes[number][part] = np.clip(np.rint(target + added), 0, top)


def _edge(at: int, ratio: float, shift: int, old: int, new: int) -> int:
    if at >= old:
        return new
    return round(at * ratio) >> shift << shift


def _tiles(frame: Frame) -> Iterator[_Tile]:
    width, height = frame.format.width, frame.format.height
    for y in range(0, height, TILE):
        for x in range(0, width, TILE):
            yield _Tile(x, y, min(x + TILE, width), min(y + TILE, height))


def _rgb(
    frame: Frame, frame_from_grid: NDArray[np.float64], window: tuple[int, int, int, int]
) -> Float32:
    """RGB of a window of the frame, mirrored beyond its edges."""
    fmt = frame.format
    samples = []
    for index in range(1 if fmt.layout == "gray" else 3):
        matrix = frame_from_grid
        if index and fmt.layout == "yuv":
            matrix = compose(chroma_from_luma(fmt), matrix)
        samples.append(resample(frame.planes[index], matrix, window, mirror=True))
    return to_rgb(samples, fmt)
