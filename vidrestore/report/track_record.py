"""Collecting what became of one track, frame after frame."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from vidrestore.datatypes import LeftAlone, Reason, Region
from vidrestore.report.types import TrackReport, Untouched


class TrackRecord:
    """One track as it goes by: 24 bytes a restored face, so an hour of one face is about 2 MB.

    What is not seen counts between two sights only: before the first one the face was not there,
    after the last one it is gone.
    """

    def __init__(self) -> None:
        self._first: tuple[int, float] | None = None
        self._last = (0, 0.0)
        self._rows = array("i")
        self._shares = array("f")
        self._left: list[Untouched] = []
        self._before: list[Untouched] = []  # not seen yet
        self._unseen: list[Untouched] = []  # since the last sight

    @property
    def seen(self) -> bool:
        """Whether there was any sight of the face."""
        return self._first is not None

    def observe(self, index: int, seconds: float, result: Region | LeftAlone) -> None:
        """What became of the face in a frame; call it in order of frames."""
        if isinstance(result, LeftAlone) and result.reason == Reason.UNSEEN:
            _prolong(self._before if self._first is None else self._unseen, index, result.reason)
            return
        self._last = index, seconds
        self._first = self._first or self._last
        self._left += self._unseen
        self._unseen = []
        if isinstance(result, LeftAlone):
            _prolong(self._left, index, result.reason)
            return
        self._rows.extend((index, result.x0, result.y0, result.x1, result.y1))
        self._shares.append(result.share)

    def extend(self, later: TrackRecord, offset: int) -> None:
        """Add what became of it in the frames that follow; the first of them is ``offset`` here."""
        unseen = self._before if self._first is None else self._unseen
        _join(unseen, _moved(later._before, offset))
        if later._first is None:
            return
        if self._first is None:
            self._first = later._first[0] + offset, later._first[1]
        else:
            _join(self._left, self._unseen)
            self._unseen = []
        self._last = later._last[0] + offset, later._last[1]
        _join(self._left, _moved(later._left, offset))
        self._unseen = _moved(later._unseen, offset)
        rows = np.array(later._rows, np.int32).reshape(-1, 5)
        rows[:, 0] += offset
        self._rows.extend(rows.ravel().tolist())
        self._shares.extend(later._shares)

    def as_dict(self) -> dict[str, object]:
        """What JSON can hold; ``from_dict`` reads it."""
        return {
            "first": self._first,
            "last": self._last,
            "rows": self._rows.tolist(),
            "shares": self._shares.tolist(),
            "left": _plain(self._left),
            "before": _plain(self._before),
            "unseen": _plain(self._unseen),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The record that ``as_dict`` gave."""
        record = cls()
        record._first = None if data["first"] is None else tuple(data["first"])
        record._last = tuple(data["last"])
        record._rows, record._shares = array("i", data["rows"]), array("f", data["shares"])
        record._left, record._before, record._unseen = (
            [Untouched(first, last, Reason(reason)) for first, last, reason in data[name]]
            for name in ("left", "before", "unseen")
        )
        return record

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
    _join(runs, [Untouched(index, index, reason)])


def _join(runs: list[Untouched], later: Sequence[Untouched]) -> None:
    """Add runs; the first of them may go on with the last one here."""
    for run in later:
        last = runs[-1] if runs else None
        if last and last.reason == run.reason and last.last_frame == run.first_frame - 1:
            runs[-1] = Untouched(last.first_frame, run.last_frame, run.reason)
        else:
            runs.append(run)


def _moved(runs: Sequence[Untouched], offset: int) -> list[Untouched]:
    return [Untouched(r.first_frame + offset, r.last_frame + offset, r.reason) for r in runs]


def _plain(runs: Sequence[Untouched]) -> list[list[object]]:
    return [[run.first_frame, run.last_frame, run.reason.value] for run in runs]
