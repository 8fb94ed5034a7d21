"""Collecting what became of one track, frame after frame."""

from __future__ import annotations

from array import array

import numpy as np

from vidrestore.datatypes import Frame, LeftAlone, Reason, Region
from vidrestore.report.types import TrackReport, Untouched


class TrackRecord:
    """One track as it goes by: 24 bytes a restored face, so an hour of one face is about 2 MB.

    What is not seen counts between two sights only: after the last one the face is gone.
    """

    def __init__(self) -> None:
        self._first: tuple[int, float] | None = None
        self._last = (0, 0.0)
        self._rows = array("i")
        self._shares = array("f")
        self._left: list[Untouched] = []
        self._unseen: list[Untouched] = []  # since the last sight

    @property
    def seen(self) -> bool:
        """Whether there was any sight of the face."""
        return self._first is not None

    def observe(self, frame: Frame, told: Region | LeftAlone) -> None:
        """What became of the face in a frame; call it in order of frames."""
        index = frame.index
        if isinstance(told, LeftAlone) and told.reason == Reason.UNSEEN:
            if self._first is not None:
                _prolong(self._unseen, index, told.reason)
            return
        self._last = index, frame.seconds
        self._first = self._first or self._last
        self._left += self._unseen
        self._unseen = []
        if isinstance(told, LeftAlone):
            _prolong(self._left, index, told.reason)
            return
        self._rows.extend((index, told.x0, told.y0, told.x1, told.y1))
        self._shares.append(told.share)

    def report(self, track_id: int) -> TrackReport:
        """The track as it stands; there must have been a sight."""
        if self._first is None:
            raise ValueError(f"track {track_id} was never seen")
        return TrackReport(
            track_id,
            self._first[0],
            self._last[0],
            self._first[1],
            self._last[1],
            len(self._shares),
            np.array(self._rows, dtype=np.int32).reshape(-1, 5),
            np.array(self._shares, dtype=np.float64).round(3),
            tuple(self._left),
        )


def _prolong(runs: list[Untouched], index: int, reason: Reason) -> None:
    """Add a frame to the last run, or begin another."""
    if runs and runs[-1].reason == reason and runs[-1].last_frame == index - 1:
        runs[-1] = Untouched(runs[-1].first_frame, index, reason)
    else:
        runs.append(Untouched(index, index, reason))
