from __future__ import annotations

import numpy as np
import pytest

from tests.faces import landmarks, tracked
from vidrestore.align.size_gate import SizeGate, face_height


def test_height_survives_turning_the_head():
    points = landmarks(0, 0, 100, 25)
    assert face_height(points) == pytest.approx(100, abs=5)
    middle = points.mean(axis=0)
    turned = landmarks(0, 0, 100) * (0.5, 1)
    nodding = landmarks(0, 0, 100) * (1, 0.7)
    assert face_height(turned) == pytest.approx(face_height(points), abs=3)
    assert face_height(nodding) > 0.9 * face_height(points)
    assert face_height((points - middle) * 3) == pytest.approx(3 * face_height(points))


def seen(heights, shots=()):
    """Whether a face of each height passes, in turn; None is a frame without it."""
    gate, passed = SizeGate(24), []
    for index, height in enumerate(heights):
        points = landmarks(100, 100, 100)
        points = (points - 100) * (0 if height is None else height / face_height(points)) + 100
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
