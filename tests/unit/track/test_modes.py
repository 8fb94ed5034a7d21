from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from tests.made_pictures.strategies import UPRIGHT, landmarks, landmarks_at
from vidrestore.track.geometry import MEAN_FACE
from vidrestore.track.modes import SPLIT, LandmarkSmoother


@settings(deadline=None)
@given(landmarks())
def test_the_split_loses_nothing(points: np.ndarray) -> None:
    again = (SPLIT.synthesis @ SPLIT.analysis @ points.ravel()).reshape(5, 2)
    np.testing.assert_allclose(again, points, atol=1e-6)


def test_what_moves_like_a_head_is_all_pose() -> None:
    for roll, size, x in ((0.0, 1.0, 0.0), (0.5, 30.0, 200.0), (-2.0, 300.0, -40.0)):
        turn = np.array([(np.cos(roll), np.sin(roll)), (-np.sin(roll), np.cos(roll))])
        moved = size * MEAN_FACE @ turn + (x, 3.0)
        values = SPLIT.analysis @ moved.ravel()
        np.testing.assert_allclose(values[SPLIT.parts[1]], 0, atol=1e-9 * size)
        np.testing.assert_allclose(values[SPLIT.parts[2]], 0, atol=1e-9 * size)


def test_speech_moves_the_pose_less_than_a_fit_of_equal_weights_would() -> None:
    spoken = UPRIGHT.copy()
    spoken[3:, 1] += 0.1
    shift = (SPLIT.analysis @ (spoken - UPRIGHT).ravel())[SPLIT.parts[0]][:2]
    assert np.linalg.norm(shift) < 0.6 * 0.1 * 2 / 5


def test_gains_are_the_noise_of_the_parts() -> None:
    noise = np.random.default_rng(0).normal(0, 1, (20000, 10)) @ SPLIT.analysis.T
    for part, gain in zip(SPLIT.parts, SPLIT.gains, strict=True):
        assert abs(noise[:, part].std() - gain) < 0.02


def test_one_release_per_frame_whatever_the_cadence() -> None:
    track = LandmarkSmoother(landmarks_at(100, 100), None, 1.0)
    pattern = [False, False, True, False, True, True, False, False, False, False, True]
    for measured in pattern:
        track.advance(0.04, landmarks_at(100, 100), measured=measured)
    for _ in range(len(pattern) + 1):
        np.testing.assert_allclose(track.release(), landmarks_at(100, 100), atol=1e-3)


def test_frames_are_released_before_their_interval_ends_if_need_be() -> None:
    track = LandmarkSmoother(landmarks_at(100, 100), None, 1.0)
    for index in range(1, 30):
        np.testing.assert_allclose(track.release(), landmarks_at(99 + index, 100), atol=1.0)
        track.advance(0.04, landmarks_at(100 + index, 100), measured=index % 10 == 0)
