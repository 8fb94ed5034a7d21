from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidrestore.measure import boil, jitter, lag, landmark_error

FIVE = np.array([(10.0, 10), (30, 10), (20, 20), (12, 30), (28, 30)])


def moving(frames: int = 40, speed: float = 2.0) -> np.ndarray:
    return FIVE + np.arange(frames)[:, None, None] * np.array([speed, 0.0])


@given(st.floats(-20, 20), st.floats(-20, 20), st.floats(0.1, 4))
def test_error_of_a_constant_offset(x, y, scale):
    truth = moving()
    found = landmark_error(truth + np.array([x, y]), truth, scale)
    assert found == pytest.approx(scale * np.hypot(x, y))


@given(st.floats(-20, 20), st.floats(-3, 3))
def test_bias_and_drift_are_no_jitter(bias, drift):
    truth = moving()
    estimate = truth + bias + np.arange(40)[:, None, None] * drift
    assert jitter(estimate, truth) == pytest.approx(0.0, abs=1e-9)
    assert jitter(estimate) == pytest.approx(0.0, abs=1e-9)


def test_jitter_of_known_noise():
    """The second difference of white noise has 1 + 4 + 1 times its variance, on two axes."""
    noise = np.random.default_rng(3).normal(0, 0.5, (4000, 5, 2))
    truth = np.repeat(FIVE[None], 4000, axis=0)
    assert jitter(truth + noise, truth) == pytest.approx(0.5 * np.sqrt(6 * 2), rel=0.02)
    assert jitter(truth + noise, truth, 2.0) == pytest.approx(np.sqrt(6 * 2), rel=0.02)


def test_a_growing_face_counts_by_its_scale():
    truth = moving(3)
    wrong = truth + np.array([[[1.0, 0.0]], [[2.0, 0.0]], [[4.0, 0.0]]])
    scale = np.array([4.0, 2.0, 1.0])
    assert landmark_error(wrong, truth, scale) == pytest.approx(4.0)
    assert jitter(wrong, truth, scale) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("frames_late", [-1, 0, 1, 3])
def test_lag_of_a_delayed_track(frames_late):
    truth = moving(speed=2.0)
    late = truth - np.array([2.0 * frames_late, 0.0])
    bias = np.array([3.0, -2.0])
    assert lag(late + bias, truth + bias, truth) == pytest.approx(2.0 * frames_late)
    assert lag(late[:, :, ::-1], truth[:, :, ::-1], truth[:, :, ::-1]) == pytest.approx(
        2.0 * frames_late
    )


def test_what_stands_still_has_no_lag():
    still = np.repeat(FIVE[None], 5, axis=0)
    with pytest.raises(ValueError, match="no moving landmark"):
        lag(still + 1, still, still)


def test_missing_frames_are_left_out():
    truth = moving()
    estimate = truth + np.array([3.0, 4.0])
    estimate[[5, 6, 20]] = np.nan
    assert landmark_error(estimate, truth) == pytest.approx(5.0)
    assert jitter(estimate, truth) == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(ValueError, match="three estimates in a row"):
        jitter(np.full((2, 5, 2), 1.0))
    with pytest.raises(ValueError, match="no frame with an estimate"):
        landmark_error(np.full((4, 5, 2), np.nan), moving(4))


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match=r"expected \(T, K, 2\)"):
        jitter(FIVE)
    with pytest.raises(ValueError, match="a scale of shape"):
        landmark_error(moving(), moving(), np.ones(3))


def test_boil_is_the_deviation_over_time():
    noise = np.random.default_rng(4).normal(0, 3.0, (200, 24, 24, 3))
    assert boil(128 + noise) == pytest.approx(3.0, rel=0.01)
    still = np.repeat(np.random.default_rng(5).uniform(0, 255, (1, 24, 24, 3)), 6, axis=0)
    assert boil(still) == pytest.approx(0.0, abs=1e-9)


def test_boil_counts_the_mask_alone():
    pictures = np.zeros((4, 16, 16, 3), np.uint8)
    pictures[::2, :, 8:] = 20
    left = np.zeros((16, 16), bool)
    left[:, :8] = True
    assert boil(pictures, left) == 0.0
    assert boil(pictures, ~left) == 10.0
    assert boil(pictures) == 5.0


def test_boil_takes_two_pictures():
    with pytest.raises(ValueError, match="T over 1"):
        boil(np.zeros((1, 16, 16, 3), np.uint8))
