"""What was done to each person's face, in figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median

from vidrestore.datatypes import Reason
from vidrestore.report.html.excerpts import Excerpts
from vidrestore.report.types import Report, TrackReport


@dataclass(frozen=True, slots=True)
class Quality:
    """One person.

    Attributes:
        track: the id.
        faces: how many were restored.
        share: how much of the network's result was written, 0..1, on average over these.
        least: of one of these.
        most: likewise.
        detail: of the face before and after, levels; the median of the faces that the page shows,
            None without any.
        left: why faces were left alone, and how many, the most first.
    """

    track: int
    faces: int
    share: float
    least: float
    most: float
    detail: tuple[float, float] | None
    left: tuple[tuple[Reason, int], ...]

    @property
    def gain(self) -> float | None:
        """How many times as much detail there is after; None where nobody knows."""
        if self.detail is None or self.detail[0] <= 0:
            return None
        return self.detail[1] / self.detail[0]


def qualities(report: Report, excerpts: Excerpts, most: int) -> list[Quality]:
    """Of the people with the most restored faces, in the order of their ids."""
    shown = dict(excerpts.faces)
    rows = sorted(report.tracks, key=lambda track: -track.faces_restored)[:most]
    return [
        _quality(track, [pair.detail for pair in shown.get(track.track_id, ()) if pair.detail])
        for track in sorted(rows, key=lambda track: track.track_id)
    ]


def _quality(track: TrackReport, details: list[tuple[float, float]]) -> Quality:
    shares, left = track.shares, Counter[Reason]()
    for run in track.left_alone:
        left[run.reason] += run.last_frame - run.first_frame + 1
    detail = None
    if details:
        detail = median(before for before, _ in details), median(after for _, after in details)
    any_ = track.faces_restored > 0
    return Quality(
        track.track_id,
        track.faces_restored,
        float(shares.mean()) if any_ else 0.0,
        float(shares.min()) if any_ else 0.0,
        float(shares.max()) if any_ else 0.0,
        detail,
        tuple(left.most_common()),
    )
