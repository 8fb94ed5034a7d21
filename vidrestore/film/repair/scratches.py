"""Vertical scratches of film: thin bright or dark lines through most of the picture, that stay.

A projector or camera that draws a line along the film draws it down every frame, at nearly the same
place, while the picture behind it moves. In one frame it is a column that is brighter (or darker)
than what lies on both sides of it, over most of the height (Kokaram, "Motion Picture Restoration",
1998, chapter 9; Joyeux et al., "Reconstruction of degraded image sequences", 1999).

The scene has such lines, too: poles, frames of doors. They move as the scene does, and look alike
in every frame, while the film shows another piece of its scratch in each.

Convention: lumas are (H, W) float32 in levels of 0..255, x in px.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

REACH: Final = 3
"""Px from a line's middle, on each side, that it may have changed."""
_BESIDE: Final = 4  # px to what a column is compared with
_BAND: Final = 12  # rows that are averaged: grain is gone then, and a line that wanders is not
_LEAST: Final = 3.0  # levels that a line stands out on average, no band counting more than:
_MOST: Final = 15.0
_VISIBLE: Final = 1.0  # levels from which on it is visible in a band
_LOWEST: Final = 144  # rows of a frame: through less, a contour of the scene runs as well
_SPAN: Final = 0.55  # of the bands in which it must be visible
_WANDERS: Final = 2  # px in a frame
_MOVES: Final = 3  # px between frames
# Where a line crosses a face, it is visible in that part of the bands at least, and by so many
# levels on average: what stands behind the face is not.
_ACROSS: Final = 0.6
_CLEAR: Final = 4.0
_GOES_ON: Final = 0.3  # of its strength
_FEWEST: Final = 3  # bands of a face, or beside it, by which a line is judged
# In a scratch of that strength (levels) so much is other in the next frame, in parts of what it is.
_STRONG: Final = 4.0
_CHANGES: Final = 0.45


@dataclass(frozen=True, slots=True, eq=False)
class Scratch:
    """A line.

    Attributes:
        sign: 1 for bright, -1 for dark.
        places: its x in each band of rows, from the top.
        above: how far it stands out in each band, levels.
    """

    sign: int
    places: NDArray[np.float64]
    above: Float32

    @property
    def strength(self) -> float:
        """How far it stands out on average, levels."""
        return float(self.above.mean())

    def near(self, other: Scratch) -> bool:
        """Whether another frame's is the same line."""
        if self.sign != other.sign or len(self.places) != len(other.places):
            return False
        return self.within(_MOVES, other)

    def within(self, distance: int, other: Scratch) -> bool:
        """Whether it is no further than so many px from another line, in most of the bands."""
        # A fence has hundreds of lines, nearly all of which are told apart by one band.
        if abs(self.places[0] - other.places[0]) > distance + 4 * _WANDERS:
            return False
        return float(np.median(np.abs(self.places - other.places))) <= distance

    def changed(self, other: Scratch) -> bool:
        """Whether another frame's same line looks otherwise, as no line of the scene does."""
        weaker = min(self.strength, other.strength)
        change = float(np.abs(self.above - other.above).mean())
        return weaker >= _STRONG and change > _CHANGES * weaker

    def crosses(self, top: float, bottom: float) -> bool:
        """Whether it is clearly visible within these rows, where a face is, and beyond them."""
        bands = (np.arange(len(self.places)) + 0.5) * _BAND
        within = (bands >= top) & (bands < bottom)
        if min(within.sum(), (~within).sum()) < _FEWEST:
            return False
        across, beyond = self.above[within], self.above[~within]
        return (
            float(across.mean()) >= _CLEAR
            and float((across > _VISIBLE).mean()) >= _ACROSS
            and float((beyond > _VISIBLE).mean()) >= _SPAN
        )

    def goes_on(self, top: float, bottom: float) -> bool:
        """Whether it is visible on both sides of these rows, about as clearly as within them."""
        bands = (np.arange(len(self.places)) + 0.5) * _BAND
        sides = (self.above[bands < top], self.above[bands >= bottom])
        return all(len(side) and float(side.mean()) >= _GOES_ON * self.strength for side in sides)

    def painted(self, shape: tuple[int, int]) -> NDArray[np.uint8]:
        """(H, W) 255 where it may have changed a picture of that shape, else 0."""
        height, width = shape
        middle = (np.arange(len(self.places)) + 0.5) * _BAND - 0.5
        x = np.interp(np.arange(height), middle, self.places)
        first = max(int(x.min()) - REACH, 0)
        columns = np.arange(first, min(int(x.max()) + REACH + 2, width))
        mask = np.zeros(shape, np.uint8)
        near = np.abs(columns[None] - x[:, None]) <= REACH
        mask[:, first : first + len(columns)] = np.uint8(255) * near.astype(np.uint8)
        return mask


def frame_scratches(luma: Float32) -> list[Scratch]:
    """The lines of a frame of film; a very small one, as of a CCTV camera, has none."""
    return scratches(luma) if len(luma) >= _LOWEST else []


def scratches(luma: Float32) -> list[Scratch]:
    """The lines of one picture, those through most of its height alone."""
    bands = len(luma) // _BAND
    if bands < 4 or luma.shape[1] < 4 * _BESIDE:
        return []
    rows = luma[: bands * _BAND].reshape(bands, _BAND, -1).mean(axis=1)
    found = []
    for sign in (1, -1):
        found += _lines(_standing_out(rows * np.float32(sign)), sign)
    # What is compared with a line stands out from it the other way.
    return [line for line in found if not any(_echoes(line, other) for other in found)]


def _echoes(line: Scratch, other: Scratch) -> bool:
    if line.sign == other.sign or not line.within(_BESIDE + 2, other):
        return False
    return line.strength < other.strength


def _standing_out(rows: Float32) -> Float32:
    """Of each column, how far it is above what lies on both sides of it, levels."""
    width = rows.shape[1]
    padded = np.pad(rows, ((0, 0), (_BESIDE, _BESIDE)), mode="edge")
    left, right = padded[:, :width], padded[:, 2 * _BESIDE :]
    return np.asarray(rows - np.maximum(left, right), np.float32)


def _lines(response: Float32, sign: int) -> list[Scratch]:
    wide = cv2.dilate(np.clip(response, -_MOST, _MOST), np.ones((1, 3), np.uint8))
    score = wide.mean(axis=0)
    found: list[Scratch] = []
    for x in np.flatnonzero(score > _LEAST):
        near = score[max(x - _BESIDE, 0) : x + _BESIDE + 1]
        line = _followed(response, int(x), sign) if score[x] == near.max() else None
        # The same line may be found from columns beside one another.
        if line is not None and not any(line.near(other) for other in found[-_BESIDE:]):
            found.append(line)
    return found


def _followed(response: Float32, start: int, sign: int) -> Scratch | None:
    """A line from band to band; None where it is not visible in enough of them."""
    bands, width = response.shape
    low = max(start - _WANDERS, 0)
    part = np.clip(response[:, low : min(start + _WANDERS + 1, width)], 0, _MOST) ** 2
    # Where each band has most of it, the more the clearer, smoothed along the line: what is read
    # there is not the largest of several, which noise would be, too.
    weight = cv2.GaussianBlur(part.sum(axis=1)[:, None], (1, 7), 0, sigmaY=2.0)
    moment = (part * np.arange(part.shape[1], dtype=np.float32)).sum(axis=1)[:, None]
    middle = cv2.GaussianBlur(moment, (1, 7), 0, sigmaY=2.0) / np.maximum(weight, 1e-3)
    places = low + middle[:, 0].astype(np.float64)
    above = response[np.arange(bands), np.rint(places).astype(int)]
    if (
        float(np.clip(above, -_MOST, _MOST).mean()) < _LEAST
        or float((above > _VISIBLE).mean()) < _SPAN
    ):
        return None
    return Scratch(sign, places, above)
