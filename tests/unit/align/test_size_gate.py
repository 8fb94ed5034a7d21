from __future__ import annotations

import numpy as np

from tests.made_pictures.faces import landmarks, tracked
from vidrestore.align.size_gate import SizeGate
from vidrestore.picture.face_size import eyes_to_chin


def seen(heights, shots=()):
    """Whether a face of each height passes, in turn; None is a frame without it."""
    gate, passed = SizeGate(24), []
    for index, height in enumerate(heights):
        points = landmarks(100, 100, 100)
        points = (points - 100) * (0 if height is None else height / eyes_to_chin(points)) + 100
        faces = [] if height is None else [tracked(points, 1)]
        passed.append(bool(gate.passing(faces, shot_start=index in shots)))
    return passed


def test_a_face_that_wavers_at_the_limit_does_not_come_and_go():
    heights = 24 + 1.5 * np.sin(np.arange(60) * 2.4) + np.linspace(-3, 3, 60)
    for way in (heights, heights[::-1]):
        passed = np.array(seen(way))
        assert passed.any()
        assert not passed.all()
        assert np.count_nonzero(passed[1:] != passed[:-1]) == 1


def test_none_begins_below_the_limit_and_none_stays_far_below():
    assert seen([23.9, 24.1, 22, 21.7, 21.5, 23.9]) == [False, True, True, True, False, False]


def test_a_shot_and_an_absence_begin_anew():
    assert seen([25, 23], shots=[1]) == [True, False]
    assert seen([25, None, 23]) == [True, False, False]
