from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from benchmarks import found
from benchmarks.found_clips import (
    BEFORE,
    HEIGHT,
    HIDING,
    SHOWN,
    WIDTH,
    Case,
    Clip,
    cases,
    faceless,
    make,
)
from tests.made_pictures.portraits import ASTRONAUT, astronaut
from vidrestore.config import Config
from vidrestore.datatypes import Face

PERSON = astronaut(), np.asarray(ASTRONAUT, np.float64)


def test_a_clip_shows_the_face_where_it_says():
    clip = make(Case("", height=60, roll=90), PERSON, 1)
    assert clip.pictures.shape == (SHOWN, HEIGHT, WIDTH, 3)
    assert clip.begins == 0
    eyes = clip.landmarks[:, 1] - clip.landmarks[:, 0]
    tilted = 94  # she tilts her head
    assert np.degrees(np.arctan2(eyes[:, 1], eyes[:, 0])) == pytest.approx(tilted, abs=4)
    assert np.linalg.norm(eyes, axis=1) == pytest.approx(60 / 1.8, rel=0.01)


@cache
def after_cut(hiding: str) -> Clip:
    return make(Case("", after_cut=hiding), PERSON, 1)


@pytest.mark.parametrize("hiding", HIDING)
def test_what_hides_a_face_after_a_cut_goes_away(hiding):
    shown, clip = after_cut("nothing"), after_cut(hiding)
    assert clip.begins == BEFORE
    changed = np.abs(clip.pictures.astype(int) - shown.pictures).mean(axis=(1, 2, 3))
    assert (changed[BEFORE] > 0) == (hiding != "nothing")
    assert changed[-1] == 0


def test_each_kind_has_its_name_and_scenes_without_faces_have_none():
    names = [case.name for case in cases()]
    assert len(set(names)) == len(names)
    assert faceless(0).begins == SHOWN


class Knows:
    """Finds the face of a clip from one picture on, off by a part of its eyes' distance."""

    def __init__(self, clip, since=0, off=0.0):
        self._index = {picture.tobytes(): k for k, picture in enumerate(clip.pictures)}
        self._landmarks, self._since, self._off = clip.landmarks, since, off

    def detect(self, images, /):
        return [self._faces(self._index[image.tobytes()]) for image in images]

    def _faces(self, index):
        points = self._landmarks[index]
        if index < self._since or np.isnan(points).any():
            return ()
        points = points + self._off * np.linalg.norm(points[1] - points[0])
        return (Face(np.concatenate([points.min(axis=0), points.max(axis=0)]), points, 0.9),)


def test_a_row_counts_what_was_found_late_or_in_the_wrong_place():
    config = Config().with_options({"track.smoothing": 0, "detect.every": 1, "track.lookback": 0})
    clip = after_cut("nothing")
    row = found.judge("x", [clip], config, Knows(clip))
    assert (row.frames, row.found, row.wrong, row.late) == (SHOWN, SHOWN, 0, 0.0)
    row = found.judge("x", [clip], config, Knows(clip, since=BEFORE + 5))
    assert (row.found, row.late) == (SHOWN - 5, 5.0)
    row = found.judge("x", [clip], config, Knows(clip, off=0.8))
    assert (row.found, row.wrong) == (0, SHOWN)
    assert row.recall == 0


def test_a_line_shows_what_was_before():
    old, new = (found.Row("dark", 100, hits, 1, 2.5, 9.0) for hits in (40, 90))
    text = found.line(new, old)
    assert "40 % -> 90 %" in text
    assert "->" not in found.line(new, None)
