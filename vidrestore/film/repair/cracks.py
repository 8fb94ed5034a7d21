"""Cracks, folds and scratches of photos: thin straight lines across a face and beyond it.

A fold that has lost its emulsion is a bright line, a crack a bright or a dark one, over light
and dark parts of the picture alike. Lines of either sign are proposed by a Hough transform of
what a morphological top hat leaves (Duda and Hart, "Use of the Hough transformation to detect lines
and curves in pictures", 1972); each is then turned upright, followed and judged as a vertical
scratch of film is. Strands of hair, wrinkles, lids and frames of glasses are shorter, bend, or end
with the face.

Convention: lumas are (S, S) float32, levels of 0..255; points xy px.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Points
from vidrestore.film.repair.scratches import scratches
from vidrestore.picture.outline import face_outline

Float32 = NDArray[np.float32]
Mask = NDArray[np.uint8]

_THIN: Final = 9  # px, wider structures are no lines
_WIDE: Final = 2  # times as wide are folds
_SOFT: Final = 1.0  # sigma, px, of a picture in which they are looked for
_LEAST: Final = (
    8.0  # levels, and these times the noise, that a line stands out where it is proposed
)
_NOISES: Final = 3.0
_VOTES: Final = 0.3  # of the crop's side, along a line
_PROPOSED: Final = 16  # lines of either sign that are looked at
_ANGLE: Final = 0.5  # degrees between proposals
_APART: Final = (8.0, 3.0)  # px and degrees by which proposals differ
_HALF: Final = 16  # px on each side of a line that are looked at with it
_SHARED: Final = 0.1  # of what a wide one covers, that stronger lines may cover already
_STRONG: Final = 6.0  # levels that a line stands out on average


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A line across a face.

    Attributes:
        width: px from column to column where it was looked at.
        strength: how far it stands out, levels.
        covered: (S, S) 255 where it may have changed the picture, else 0.
    """

    width: int
    strength: float
    covered: Mask


def cracks(luma: Float32, landmarks: Points) -> Mask:
    """Where lines cross a face.

    Args:
        luma: of a crop of the face.
        landmarks: (5, 2) of the face, in the crop.

    Returns:
        (S, S), 255 where a line may have changed the picture, else 0.
    """
    found = np.zeros(luma.shape, np.uint8)
    outline = face_outline(landmarks).astype(np.float32)
    soft = np.asarray(cv2.GaussianBlur(luma, (0, 0), _SOFT), np.float32)
    lines = [
        line
        for sign in (1, -1)
        for width, shown in ((1, luma), (_WIDE, soft))
        for place in _proposed(shown * np.float32(sign), width)
        for line in _followed(shown, sign, place, outline, width)
    ]
    # A thin line is one at the other scale, too, but weaker, and the other way round: what is
    # clearest says how wide it is.
    for line in sorted(lines, key=lambda each: -each.strength):
        if line.width == 1 or found[line.covered > 0].mean() < _SHARED:
            found |= line.covered
    return found


def _proposed(luma: Float32, width: int) -> Iterator[tuple[Points, Points]]:
    """A point and the direction of each line that may be there, ``width`` times as wide as thin."""
    side = _THIN * width
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    above = cv2.morphologyEx(luma, cv2.MORPH_TOPHAT, brush)
    least = max(_LEAST, _NOISES * 1.4826 * float(np.median(np.abs(above - np.median(above)))))
    there = np.asarray(above > least, np.uint8)
    votes = round(_VOTES * len(luma))
    lines = cv2.HoughLines(there, 1.0, np.radians(_ANGLE), votes)
    proposed: list[tuple[float, float]] = []
    for rho, theta in [] if lines is None else lines[:, 0, :2]:
        if any(
            _apart(rho, theta, other, angle) < _APART[0] * width
            and abs(np.sin(theta - angle)) < np.sin(np.radians(_APART[1]))
            for other, angle in proposed
        ):
            continue
        proposed.append((rho, theta))
        normal = np.array([np.cos(theta), np.sin(theta)])
        along = np.array([-normal[1], normal[0]])
        centre = np.full(2, (len(luma) - 1) / 2)
        yield centre + (rho - normal @ centre) * normal, along
        if len(proposed) == _PROPOSED:
            return


def _apart(rho: float, theta: float, other: float, angle: float) -> float:
    """Px between two lines of nearly one direction, each by distance and angle of its normal.

    Normals that point opposite ways, as those of steep lines may, count from opposite sides.
    """
    return float(abs(rho - other * np.sign(np.cos(theta - angle))))


def _followed(
    luma: Float32, sign: int, place: tuple[Points, Points], outline: Float32, width: int
) -> Iterator[_Line]:
    """The line that is there, if it is one.

    Args:
        luma: of the crop.
        sign: 1 for a bright line, -1 for a dark one.
        place: a point of it, and its direction.
        outline: of the face.
        width: px from column to column of what is looked at.
    """
    (middle, along), side = place, len(luma)
    low, high = _chord(middle, along, side)
    length = int(high - low)
    if length < side // 2:
        return
    # Columns of the strip lie across the line, its rows along it.
    across = width * np.array([along[1], -along[0]])
    begin = middle + low * along - _HALF * across
    crop_from_strip = np.column_stack([across, along, begin])
    size = (2 * _HALF + 1, length)
    strip = cv2.warpAffine(
        luma, crop_from_strip, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    inside = [
        cv2.pointPolygonTest(outline, tuple(map(float, middle + t * along)), False) >= 0
        for t in np.arange(low, high)
    ]
    rows = np.flatnonzero(inside)
    if not len(rows):
        return
    for found in scratches(np.asarray(strip, np.float32)):
        near = abs(float(np.median(found.places)) - _HALF) <= _HALF / 2
        if (
            found.sign == sign
            and near
            and found.strength >= _STRONG * width
            and found.crosses(float(rows[0]), float(rows[-1] + 1))
            and (width == 1 or found.goes_on(float(rows[0]), float(rows[-1] + 1)))
        ):
            painted = found.painted((length, size[0]))
            there = cv2.warpAffine(painted, crop_from_strip, (side, side), flags=cv2.INTER_LINEAR)
            covered = np.uint8(255) * (there > 32).astype(np.uint8)
            yield _Line(width, found.strength, covered)


def _chord(middle: Points, along: Points, side: int) -> tuple[float, float]:
    """From where to where a line lies in a square, px along it."""
    low, high = -np.inf, np.inf
    for at, step in zip(middle, along, strict=True):
        if abs(step) < 1e-9:
            if not 0 <= at <= side - 1:
                return 0.0, 0.0
            continue
        first, last = sorted(((0 - at) / step, (side - 1 - at) / step))
        low, high = max(low, first), min(high, last)
    return (float(low), float(high)) if high > low else (0.0, 0.0)
