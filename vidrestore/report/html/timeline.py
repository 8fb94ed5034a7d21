"""What happened when, as shapes on a line: people, strengths, cuts and damage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vidrestore.datatypes import Reason
from vidrestore.report.types import Report, TrackReport

_STEPS: Final = 120  # of a strength's curve
MOST_PEOPLE: Final = 60
"""Who have a line each, those with the most faces."""
_MOST_CUTS: Final = 2000


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time.

    Attributes:
        left: where it begins, 0..100.
        width: 0..100.
        kind: its class on the page.
        title: what it tells.
    """

    left: float
    width: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """A person.

    Attributes:
        track: the id.
        bars: where the face was seen, and where it was left alone.
        curve: points of an SVG path, x 0..100 and y 0..20: how strongly it was restored.
        faces: how many were.
        share: how strongly, on average, 0..1.
    """

    track: int
    bars: tuple[Bar, ...]
    curve: str
    faces: int
    share: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """All of it.

    Attributes:
        begin: seconds.
        end: seconds.
        quality: as a person's curve, of all faces together.
        lines: of people.
        more: people that have none.
        cuts: in order.
        damage: in order.
    """

    begin: float
    end: float
    quality: str
    lines: tuple[Line, ...]
    more: int
    cuts: tuple[Bar, ...]
    damage: tuple[Bar, ...]


def timeline(report: Report) -> Timeline:
    """The timeline of a job."""
    begin, end = _ends(report)
    scale = _Scale(begin, max(end - begin, 1e-6))
    rows = sorted(report.tracks, key=lambda track: -track.faces_restored)[:MOST_PEOPLE]
    return Timeline(
        begin,
        end,
        _together(report.tracks, scale),
        tuple(_line(track, scale) for track in sorted(rows, key=lambda track: track.track_id)),
        len(report.tracks) - len(rows),
        tuple(
            Bar(scale.at(cut.time), 0.0, "cut", f"cut at {cut.time:.2f} s")
            for cut in report.cuts[:_MOST_CUTS]
        ),
        tuple(_damage(report.damage, scale)),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    begin: float
    length: float

    def at(self, time: float) -> float:
        return round(min(100.0, max(0.0, 100 * (time - self.begin) / self.length)), 3)


def _ends(report: Report) -> tuple[float, float]:
    """Of the time that the job covers, as far as a report gives it."""
    times = [track.first_time for track in report.tracks] + [cut.time for cut in report.cuts]
    begin = float(report.start or 0)
    if times:
        begin = min(begin, *times) if report.start is None else max(begin, 0.0)
    lasts = [track.last_time for track in report.tracks] + [cut.time for cut in report.cuts]
    return begin, max([begin + report.duration, *lasts])


def _time(track: TrackReport, frame: int) -> float:
    frames = max(1, track.last_frame - track.first_frame)
    share = (frame - track.first_frame) / frames
    return track.first_time + share * (track.last_time - track.first_time)


def _line(track: TrackReport, scale: _Scale) -> Line:
    seen = f"person {track.track_id}: {track.first_time:.2f} to {track.last_time:.2f} s"
    bars = [_bar(scale, track.first_time, track.last_time, "seen", seen)]
    for left in track.left_alone:
        begin, end = _time(track, left.first_frame), _time(track, left.last_frame)
        title = f"left alone ({left.reason}): {begin:.2f} to {end:.2f} s"
        bars.append(_bar(scale, begin, end, "alone", title))
    share = float(track.shares.mean()) if track.faces_restored else 0.0
    return Line(track.track_id, tuple(bars), _curve(track, scale), track.faces_restored, share)


def _curve(track: TrackReport, scale: _Scale) -> str:
    """The share of the network's result over time, averaged over as many steps as can be seen."""
    if not track.faces_restored:
        return ""
    points = []
    count = min(_STEPS, track.faces_restored)
    for some in np.array_split(np.arange(track.faces_restored), count):
        when = _time(track, int(track.regions[some[0], 0]))
        points.append(f"{scale.at(when)},{20 - 20 * float(track.shares[some].mean()):.2f}")
    last = _time(track, int(track.regions[-1, 0]))
    points.append(f"{scale.at(last)},{points[-1].partition(',')[2]}")
    return " ".join(points)


def _together(tracks: Sequence[TrackReport], scale: _Scale) -> str:
    """The mean share of all faces over time; what is left alone counts for none."""
    sums, counts = np.zeros(_STEPS), np.zeros(_STEPS)
    for track in tracks:
        seen = [run for run in track.left_alone if run.reason != Reason.UNSEEN]
        alone = [np.arange(run.first_frame, run.last_frame + 1) for run in seen]
        frames = np.concatenate([track.regions[:, 0], *alone])
        steps = np.array([_step(track, int(frame), scale) for frame in frames], np.intp)
        np.add.at(sums, steps[: len(track.shares)], track.shares)
        np.add.at(counts, steps, 1)
    points = [
        f"{100 * (step + 0.5) / _STEPS:.2f},{20 - 20 * sums[step] / counts[step]:.2f}"
        for step in np.flatnonzero(counts)
    ]
    return " ".join(points)


def _step(track: TrackReport, frame: int, scale: _Scale) -> int:
    return min(_STEPS - 1, int(scale.at(_time(track, frame)) * _STEPS / 100))


def _damage(entries: Sequence[Any], scale: _Scale) -> list[Bar]:
    bars = []
    for entry in entries:
        begin, end = entry.get("from"), entry.get("to")
        if isinstance(begin, int | float):
            last = end if isinstance(end, int | float) else begin
            title = f"{entry.get('kind')}: {begin:.2f} to {last:.2f} s"
            bars.append(_bar(scale, float(begin), float(last), "harm", title))
    return bars


def _bar(scale: _Scale, begin: float, end: float, kind: str, title: str) -> Bar:
    left = scale.at(begin)
    return Bar(left, round(max(0.2, scale.at(end) - left), 3), kind, title)
