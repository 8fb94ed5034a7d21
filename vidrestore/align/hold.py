"""Crops that hardly stir while their face stands still.

Landmarks of a face at rest wander by fractions of a pixel. A crop that wandered with them would
show the restorer a slightly other picture each time, and what it paints would wander over the face.
So a crop lies where the frames before wanted it on average; those that wanted it elsewhere count
the less, and not at all beyond a slack. The crop of a face that moves thus follows it.

Convention: matrices are ``crop_from_frame``, (2, 3) float64, xy px.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import Matrix
from vidrestore.picture.per_track import PerTrack
from vidrestore.picture.resample import inverse

Points = NDArray[np.float64]
Matrices = NDArray[np.float64]

MEMORY: Final = 32
"""Frames that a place is the average of, its own among them: no other has any part in it."""


class HeldCrops:
    """Remembers where the crop of each track was wanted of late.

    Args:
        size: S, the crops' side.
        slack: how far from its place a face may stray, in parts of the side; 0 makes every crop
            follow.
    """

    def __init__(self, size: int, slack: float) -> None:
        low, high = 0.25 * size, 0.75 * size  # where a face's features are
        self._corners = np.array([(x, y) for x in (low, high) for y in (low, high)], np.float64)
        self._slack = slack * size
        self._tracks: PerTrack[deque[Matrix]] = PerTrack()

    def hold(self, wanted: Mapping[int, Matrix], *, shot_start: bool) -> dict[int, Matrix]:
        """Where the crops of a frame's tracks shall be; to be asked for every frame, in order.

        Args:
            wanted: by track id, where landmarks would put them. Tracks that are not among them are
                forgotten.
            shot_start: whether the frame is the first of a shot: all tracks begin anew.
        """
        if self._slack == 0:
            return dict(wanted)
        self._tracks.advance(shot_start=shot_start)
        held = {}
        for track_id, matrix in wanted.items():
            known = self._tracks.get(track_id)
            recent = deque(maxlen=MEMORY) if known is None else known
            recent.append(matrix)
            self._tracks[track_id] = recent
            held[track_id] = self._mean(recent)
        return held

    def _mean(self, recent: Sequence[Matrix]) -> Matrix:
        """Tukey's biweight about the last."""
        matrices = np.stack(recent)
        moved = _carried(self._corners, inverse(recent[-1]), matrices)
        parts = np.linalg.norm(moved - self._corners, axis=2).max(axis=1) / self._slack
        weights = np.square(np.maximum(1 - np.square(parts), 0))
        return np.asarray(np.tensordot(weights, matrices, 1) / weights.sum(), np.float64)


def _carried(points: Points, first: Matrix, then: Matrices) -> Points:
    """(T, K, 2) points (K, 2) through one matrix and on through each of (T, 2, 3)."""
    placed = points @ first[:, :2].T + first[:, 2]
    through = np.einsum("tij,kj->tki", then[:, :, :2], placed)
    return np.asarray(through + then[:, None, :, 2], np.float64)
