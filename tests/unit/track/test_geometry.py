from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import landmarks, landmarks_at
from vidrestore.track.geometry import face_boxes, face_size, overlaps


def test_size_of_an_upright_face_is_its_eye_distance() -> None:
    assert float(face_size(landmarks_at(10, 20, size=50))) == pytest.approx(50, rel=0.05)


def test_a_face_in_profile_keeps_a_size() -> None:
    points = landmarks_at(0, 0, size=50)
    points[:, 0] *= 0.05
    assert 30 < float(face_size(points)) < 60


def test_coinciding_landmarks_have_a_size_above_zero() -> None:
    assert float(face_size(np.ones((5, 2)))) > 0


@settings(deadline=None)
@given(landmarks(), st.floats(0.1, 10), st.floats(-3, 3))
def test_size_scales_and_does_not_turn(points: np.ndarray, scale: float, angle: float) -> None:
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    moved = scale * points @ turn.T + (7, -3)
    assert float(face_size(moved)) == pytest.approx(scale * float(face_size(points)), rel=1e-6)


def test_boxes_hold_the_landmarks_and_stack() -> None:
    points = np.stack([landmarks_at(0, 0, 30), landmarks_at(100, 50, 60)])
    boxes = face_boxes(points)
    assert boxes.shape == (2, 4)
    assert np.all(boxes[:, :2] < points.min(axis=1))
    assert np.all(boxes[:, 2:] > points.max(axis=1))


def test_overlap_is_intersection_over_union() -> None:
    boxes = np.array([(0.0, 0.0, 2.0, 2.0), (1.0, 0.0, 3.0, 2.0), (5.0, 5.0, 6.0, 6.0)])
    expected = [(1, 1 / 3, 0), (1 / 3, 1, 0), (0, 0, 1)]
    np.testing.assert_allclose(overlaps(boxes, boxes), expected)
