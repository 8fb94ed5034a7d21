"""Which face of a frame is which track: assignment of least cost, in two rounds of confidence."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from vidrestore.datatypes import Points
from vidrestore.picture.face_size import landmark_spread
from vidrestore.track.geometry import Floats, face_boxes, overlaps

# A face lies at most this far from where its track is expected, in sizes: mean distance of the
# landmarks right after a sight, how much each frame without one adds, and the most in all. Heads
# side by side are two sizes apart.
GATE: Final = 1.0
GATE_GROWTH: Final = 0.12
WIDEST_GATE: Final = 2.5

# Logarithm of the most that the size may change: likewise.
SCALE_GATE: Final = 0.45
SCALE_GATE_GROWTH: Final = 0.03
WIDEST_SCALE_GATE: Final = 0.9

# What overlap, change of size and each missed frame weigh against a distance of one size.
OVERLAP_WEIGHT: Final = 0.5
SCALE_WEIGHT: Final = 0.5
MISS_WEIGHT: Final = 0.03

# Stands for "never" in the assignment, far above any sum of real costs.
FORBIDDEN: Final = 1e6


def costs(expected: Points, missed: Floats, faces: Points) -> Floats:
    """How badly each face fits each track.

    Args:
        expected: (N, 5, 2) where the tracks should be.
        missed: (N,) frames since each track's last sight, 0 right after one.
        faces: (M, 5, 2).

    Returns:
        (N, M); ``FORBIDDEN`` where a gate rules the pair out.
    """
    if not len(expected) or not len(faces):
        return np.zeros((len(expected), len(faces)))
    sizes, others = landmark_spread(expected), landmark_spread(faces)
    apart = np.linalg.norm(expected[:, None] - faces[None], axis=3).mean(axis=2)
    distance = apart / np.sqrt(sizes[:, None] * others[None])
    growth = np.abs(np.log(others[None] / sizes[:, None]))
    away = missed[:, None]
    cost = distance + OVERLAP_WEIGHT * (1 - overlaps(face_boxes(expected), face_boxes(faces)))
    cost += SCALE_WEIGHT * growth + MISS_WEIGHT * away
    ruled_out = distance > np.minimum(GATE + GATE_GROWTH * away, WIDEST_GATE)
    ruled_out |= growth > np.minimum(SCALE_GATE + SCALE_GATE_GROWTH * away, WIDEST_SCALE_GATE)
    result: Floats = np.where(ruled_out, FORBIDDEN, cost)
    return result


def assigned(cost: Floats) -> list[tuple[int, int]]:
    """(row, column) pairs of the assignment of least cost, none forbidden (Kuhn 1955)."""
    rows, columns = linear_sum_assignment(cost)
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if cost[row, column] < FORBIDDEN
    ]


def associate(
    expected: Points,
    missed: Floats,
    faces: Points,
    scores: Floats,
    *,
    birth_score: float,
    continue_score: float,
) -> list[tuple[int, int]]:
    """Match tracks with faces: confident faces first, then doubtful ones with the tracks left over.

    The two rounds follow ByteTrack (Zhang et al., ECCV 2022).

    Args:
        expected: (N, 5, 2) where the tracks should be.
        missed: (N,) frames since each track's last sight.
        faces: (M, 5, 2).
        scores: (M,).
        birth_score: faces of at least this score take part in the first round.
        continue_score: faces of at least this score, in the second.

    Returns:
        (track, face) pairs.
    """
    cost = costs(expected, missed, faces)
    confident = np.flatnonzero(scores >= birth_score)
    doubtful = np.flatnonzero((scores >= continue_score) & (scores < birth_score))
    pairs = [(row, int(confident[column])) for row, column in assigned(cost[:, confident])]
    taken = {row for row, _ in pairs}
    left = np.array([row for row in range(len(expected)) if row not in taken], dtype=np.intp)
    second = assigned(cost[np.ix_(left, doubtful)])
    return pairs + [(int(left[row]), int(doubtful[column])) for row, column in second]
