"""Crops that stand still while their face does.

Landmarks of a face at rest wander by fractions of a pixel. A crop that wandered with them would
show the restorer a slightly other picture each time, and what it paints would wander over the face.
So the crop of a face at rest stays where it is; that of a face that moves follows it, frame by
frame.

Convention: matrices are ``crop_from_frame``, (2, 3) float64, xy px.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from vidrestore.datatypes import Matrix
from vidrestore.picture.per_track import PerTrack
from vidrestore.resample import compose, inverse

# A face is at rest again when it has moved by less than this part of the slack in so many frames.
_CALM: Final = 0.5
_CALM_FRAMES: Final = 8


@dataclass(slots=True)
class _Track:
    """Where a crop is, whether it stays there, and where landmarks wanted it of late."""

    place: Matrix
    rests: bool = True
    wanted: deque[Matrix] = field(default_factory=lambda: deque(maxlen=_CALM_FRAMES))


class HeldCrops:
    """Remembers where the crop of each track is.

    Args:
        size: S, the crops' side.
        slack: how far a face at rest may stray from its place, in parts of the side; 0 makes every
            crop follow.
    """

    def __init__(self, size: int, slack: float) -> None:
        low, high = 0.25 * size, 0.75 * size  # where a face's features are
        self._corners = np.array([(x, y) for x in (low, high) for y in (low, high)], np.float64)
        self._slack = slack * size
        self._tracks: PerTrack[_Track] = PerTrack()

    def hold(self, wanted: Mapping[int, Matrix], *, shot_start: bool) -> dict[int, Matrix]:
        """Where the crops of a frame's tracks shall be; to be asked for every frame, in order.

        Args:
            wanted: by track id, where landmarks would put them. Tracks that are not among them are
                forgotten.
            shot_start: whether the frame is the first of a shot: all tracks begin anew.

        Returns:
            By track id, the very matrix of the frame before where the face is at rest.
        """
        if self._slack == 0:
            return dict(wanted)
        self._tracks.advance(shot_start=shot_start)
        places = {}
        for track_id, matrix in wanted.items():
            track = self._tracks.get(track_id) or _Track(matrix)
            self._follow(track, matrix)
            self._tracks[track_id] = track
            places[track_id] = track.place
        return places

    def _follow(self, track: _Track, wanted: Matrix) -> None:
        if track.rests:
            track.rests = self._apart(track.place, wanted) <= self._slack
        elif len(track.wanted) == _CALM_FRAMES:
            track.rests = self._apart(track.wanted[0], wanted) <= _CALM * self._slack
        if not track.rests:
            track.place = wanted
        track.wanted.append(wanted)

    def _apart(self, before: Matrix, wanted: Matrix) -> float:
        """Largest distance between the places of a point in two crops, crop px."""
        motion = compose(wanted, inverse(before))
        places = self._corners @ motion[:, :2].T + motion[:, 2]
        return float(np.linalg.norm(places - self._corners, axis=1).max())
