"""Dissolves: frames that mix two shots.

A frame of a dissolve is explained by one before and one after it together, but by neither alone,
wherever the picture has moved. In a shot each of the two explains it, or, where something came or
went or moved too far, not even both do: adding a second picture helps little there.

Convention: pictures are glances (see ``tone``).
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

import numpy as np

from vidrestore.film.tone import Float32, Motion

REACH: Final = 6  # frames on either side that a frame is compared with
SMOOTH: Final = 6  # frames on either side that evidence is carried over

_LEAST_REACH: Final = 2
_STEP: Final = 3  # every so many pixels of a row or column are compared
_ROUNDS: Final = 3  # of reweighting
_SLACK: Final = 0.3  # levels that explain nothing
_FLAT: Final = 1.0  # level of contrast below which a picture is blank
_LEAST_SHARE: Final = 0.03  # of either picture in the mixture
# What the better of the two pictures leaves unexplained, of the contrast, and how much of that
# (variance) both explain: from the first on evidence counts, from the second on in full.
# Measured on shots: at most 0.02 of the contrast at rest; 0.56 explained on film that flickers and
# shakes. In dissolves of 10 to 50 frames between people who move: 0.1 to 0.6, and 0.6 to 0.99.
_LEFT = (0.04, 0.12)
_EXPLAINED = (0.55, 0.7)
_EXPLAINED_UNMOVED = (0.25, 0.4)  # the same of pictures that were not brought to each other


def mixture(pictures: Sequence[Float32], at: int, motion: Motion) -> float:
    """How sure it is, 0..1, that a frame mixes two shots.

    Args:
        pictures: of one shot (dissolves are none of the cuts that end one), in order.
        at: place of the frame among them.
        motion: brings pictures to each other.
    """
    reach = min(REACH, at, len(pictures) - 1 - at)
    if reach < _LEAST_REACH:
        return 0.0
    here, before, after = pictures[at], pictures[at - reach], pictures[at + reach]
    unmoved = _evidence(here, before, after, _EXPLAINED_UNMOVED)
    if unmoved == 0:  # at rest that is all
        return 0.0
    before, after = motion.brought(before, here), motion.brought(after, here)
    return min(unmoved, _evidence(here, before, after, _EXPLAINED))


def smoothed(evidence: Sequence[float], at: int) -> float:
    """Evidence for a frame from that for those around: single ones are none, the course is smooth.

    Args:
        evidence: of frames of one shot, in order; ``SMOOTH`` of them either side count.
        at: place of the frame among them.
    """
    lasting = [median(evidence[max(0, i - 2) : i + 3]) for i in range(len(evidence))]
    closed = [max(lasting[max(0, i - 2) : i + 3]) for i in range(len(evidence))]
    around = closed[max(0, at - 2) : at + 3]
    return sum(around) / len(around)


def _sampled(picture: Float32) -> Float32:
    """The pixels that comparisons are made on, in a row."""
    return np.ascontiguousarray(picture[::_STEP, ::_STEP]).ravel()


def _evidence(
    here: Float32, before: Float32, after: Float32, explained: tuple[float, float]
) -> float:
    """0..1, of pictures in each other's places."""
    here, before, after = (_sampled(picture) for picture in (here, before, after))
    contrast = float(here.std()) + _FLAT
    alone = min(_left(here, before)[0], _left(here, after)[0])
    strong = _ramp(alone / contrast, _LEFT)
    if strong == 0:
        return 0.0
    together, shares = _left(here, before, after)
    if min(shares) < _LEAST_SHARE:
        return 0.0
    return strong * _ramp(1 - (together / (alone + _SLACK)) ** 2, explained)


def _left(here: Float32, *others: Float32) -> tuple[float, tuple[float, ...]]:
    """What a sum of other pictures, each in its own light, leaves of one; and their shares.

    Least absolute distance, by reweighted least squares: what moved by itself does not count.
    """
    columns = np.stack([*others, np.ones_like(here)])
    weights = np.ones_like(here)
    shares = np.zeros(len(columns))
    usual = 0.0
    for _ in range(_ROUNDS):
        weighted = (columns * weights).astype(np.float64)
        square = weighted @ columns.T + 1e-3 * np.eye(len(columns))
        shares = np.asarray(np.linalg.solve(square, weighted @ here), np.float64)
        distance = np.abs(here - shares.astype(np.float32) @ columns)
        usual = float(np.median(distance))
        weights = 1 / (1 + np.square(distance / np.float32(2 * usual + 0.2)))
    return 1.4826 * usual, tuple(float(share) for share in shares[:-1])


def _ramp(value: float, ends: tuple[float, float]) -> float:
    """0 up to the first of the ends, 1 from the second on, smooth between."""
    part = min(max((value - ends[0]) / (ends[1] - ends[0]), 0.0), 1.0)
    return part * part * (3 - 2 * part)
