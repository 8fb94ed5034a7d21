from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_pictures import faces
from tests.made_pictures.strategies import landmarks, landmarks_at
from vidrestore.picture.face_size import eyes_to_chin, feature_span, landmark_spread


def test_height_survives_turning_the_head():
    points = faces.landmarks(0, 0, 100, 25)
    assert eyes_to_chin(points) == pytest.approx(100, abs=5)
    middle = points.mean(axis=0)
    turned = faces.landmarks(0, 0, 100) * (0.5, 1)
    nodding = faces.landmarks(0, 0, 100) * (1, 0.7)
    assert eyes_to_chin(turned) == pytest.approx(eyes_to_chin(points), abs=3)
    assert eyes_to_chin(nodding) > 0.9 * eyes_to_chin(points)
    assert eyes_to_chin((points - middle) * 3) == pytest.approx(3 * eyes_to_chin(points))


def test_size_of_an_upright_face_is_its_eye_distance() -> None:
    assert float(landmark_spread(landmarks_at(10, 20, size=50))) == pytest.approx(50, rel=0.05)


def test_a_face_in_profile_keeps_a_size() -> None:
    points = landmarks_at(0, 0, size=50)
    points[:, 0] *= 0.05
    assert 30 < float(landmark_spread(points)) < 60


def test_coinciding_landmarks_have_a_size_above_zero() -> None:
    assert float(landmark_spread(np.ones((5, 2)))) > 0


@settings(deadline=None)
@given(landmarks(), st.floats(0.1, 10), st.floats(-3, 3))
def test_size_scales_and_does_not_turn(points: np.ndarray, scale: float, angle: float) -> None:
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    moved = scale * points @ turn.T + (7, -3)
    assert float(landmark_spread(moved)) == pytest.approx(
        scale * float(landmark_spread(points)), rel=1e-6
    )


def test_the_size_of_a_face_does_not_shrink_with_a_turned_head():
    frontal = faces.landmarks(0, 0, 60)
    aside = frontal.copy()
    aside[:, 0] *= 0.1
    assert feature_span(aside) > 0.9 * feature_span(frontal)
    assert feature_span(np.zeros((5, 2))) == 1.0
