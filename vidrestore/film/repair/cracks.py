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
_LEAST: Final = (
    8.0  # levels, and these times the noise, that a line stands out where it is proposed
)
_NOISES: Final = 3.0
_VOTES: Final = 0.3  # of the crop's side, along a line
_PROPOSED: Final = 16  # lines of either sign that are looked at
_ANGLE: Final = 0.5  # degrees between proposals
_APART: Final = (8.0, 3.0)  # px and degrees by which proposals differ
_HALF: Final = 16  # px on each side of a line that are looked at with it
_STRONG: Final = 6.0  # levels that a line stands out on average


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
    for sign in (1, -1):
        for middle, along in _proposed(luma * np.float32(sign)):
            found |= _followed(luma, sign, middle, along, outline)
    return found


def _proposed(luma: Float32) -> Iterator[tuple[Points, Points]]:
    """A point and the direction of each line that may be there."""
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_THIN, _THIN))
    above = cv2.morphologyEx(luma, cv2.MORPH_TOPHAT, brush)
    least = max(_LEAST, _NOISES * 1.4826 * float(np.median(np.abs(above - np.median(above)))))
    there = np.asarray(above > least, np.uint8)
    votes = round(_VOTES * len(luma))
    lines = cv2.HoughLines(there, 1.0, np.radians(_ANGLE), votes)
    seen: list[tuple[float, float]] = []
    for rho, theta in [] if lines is None else lines[:, 0, :2]:
        if any(
            abs(abs(rho) - abs(other)) < _APART[0]
            and abs(np.sin(theta - angle)) < np.sin(np.radians(_APART[1]))
            for other, angle in seen
        ):
            continue
        seen.append((rho, theta))
        normal = np.array([np.cos(theta), np.sin(theta)])
        along = np.array([-normal[1], normal[0]])
        centre = np.full(2, (len(luma) - 1) / 2)
        yield centre + (rho - normal @ centre) * normal, along
        if len(seen) == _PROPOSED:
            return


def _followed(luma: Float32, sign: int, middle: Points, along: Points, outline: Float32) -> Mask:
    """What a line covers, if it is one."""
    none, side = np.zeros(luma.shape, np.uint8), len(luma)
    low, high = _chord(middle, along, side)
    length = int(high - low)
    if length < side // 2:
        return none
    # Columns of the strip lie across the line, its rows along it.
    across = np.array([along[1], -along[0]])
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
        return none
    painted = np.zeros((length, size[0]), np.uint8)
    for line in scratches(np.asarray(strip, np.float32)):
        near = abs(float(np.median(line.places)) - _HALF) <= _HALF / 2
        if (
            line.sign == sign
            and near
            and line.strength >= _STRONG
            and line.crosses(float(rows[0]), float(rows[-1] + 1))
        ):
            painted |= line.painted((length, size[0]))
    if not painted.any():
        return none
    there = cv2.warpAffine(painted, crop_from_strip, (side, side), flags=cv2.INTER_LINEAR)
    return np.uint8(255) * (there > 32).astype(np.uint8)


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
