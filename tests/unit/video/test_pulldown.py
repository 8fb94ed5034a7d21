"""Film with 3:2 pulldown gives its own pictures back, four where there were five, in time."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from tests import interlaced
from tests.interlaced import bar, bar_places, combing, make_scanned
from vidrestore.config import InterlacedConfig
from vidrestore.video import VideoSource

REMOVE = InterlacedConfig(pulldown="remove")


def test_the_films_own_pictures_come_back_evenly_timed(tmp_path: Path) -> None:
    path = make_scanned(tmp_path / "clip.mkv", interlaced.pulled_down, 40)
    source = VideoSource(path, interlaced=REMOVE)
    frames = list(source)
    assert len(frames) == 32
    assert source.delivered.picture.rate == 20
    times = [frame.pts * frame.time_base for frame in frames]
    assert times == [times[0] + Fraction(n, 20) for n in range(32)]
    assert all(frame.duration * frame.time_base == Fraction(1, 20) for frame in frames)
    places = np.array([np.median(bar_places(frame.planes[0])) for frame in frames])
    np.testing.assert_allclose(np.diff(places), interlaced.STEP, atol=0.3)
    for index, frame in enumerate(frames):
        assert combing(frame.planes[0]) < 0.4
        assert np.abs(frame.planes[0].astype(int) - bar(index)).mean() < 1


def test_a_cycle_cut_short_keeps_its_pictures(tmp_path: Path) -> None:
    path = make_scanned(tmp_path / "clip.mkv", interlaced.pulled_down, 43)
    frames = list(VideoSource(path, interlaced=REMOVE))
    assert 34 <= len(frames) <= 35
    last = frames[-1]
    assert (last.pts + last.duration) * last.time_base == Fraction(43, 25)
    times = [frame.pts for frame in frames]
    assert times == sorted(set(times))


def test_other_material_is_treated_as_ever(tmp_path: Path) -> None:
    path = make_scanned(tmp_path / "clip.mkv", interlaced.top_first, 30, flag="tff")
    assert len(list(VideoSource(path, interlaced=REMOVE))) == 30
