from __future__ import annotations

import numpy as np
import pytest

from vidrestore.track.kalman import CoordinateFilter, Noise, Observation
from vidrestore.track.lag import CoordinateSmoother

DT = 0.04
SIZE = 50.0


def smoothed(values: np.ndarray, lookahead: int, noise: Noise | None = None) -> np.ndarray:
    track = CoordinateSmoother(noise or Noise(), Observation(0.0, values[:1], SIZE))
    results = []
    for value in values[1:]:
        if len(track) > lookahead:
            results.append(track.release()[0])
        track.advance(Observation(DT, None if np.isnan(value) else np.array([value]), SIZE))
    return np.array(results + [track.release()[0] for _ in range(len(track))])


def test_without_lookahead_it_is_the_filter() -> None:
    values = np.random.default_rng(0).normal(0, 0.5, 40)
    track = CoordinateFilter(Noise(), Observation(0.0, values[:1], SIZE))
    filtered = [track.last.state[0, 0]]
    filtered += [
        track.advance(Observation(DT, np.array([v]), SIZE)).state[0, 0] for v in values[1:]
    ]
    np.testing.assert_allclose(smoothed(values, 0), filtered, atol=1e-9)


def test_lookahead_makes_it_more_accurate() -> None:
    rng = np.random.default_rng(0)
    truth = 20 * np.sin(np.arange(200) / 15)
    values = truth + rng.normal(0, 0.75, 200)
    errors = [np.std(smoothed(values, lag) - truth) for lag in (0, 8)]
    assert errors[1] < 0.75 * errors[0]
    assert errors[0] < 0.75


def test_everything_ahead_equals_the_best_linear_estimate() -> None:
    # The smoother against generalised least squares on the same model, written out.
    rng = np.random.default_rng(3)
    noise = Noise(detection=0.02, drift=1e-6, agility=0.5, surprise=np.inf)
    count = 12
    values = rng.normal(0, 1.0, count)
    covariance = np.zeros((count, count))
    q = noise.agility * SIZE**2
    times = DT * np.arange(count)
    for i in range(count):
        for j in range(count):
            low, high = sorted((times[i], times[j]))
            covariance[i, j] = q * low**2 * (high / 2 - low / 6)
    covariance += (3 * SIZE) ** 2 * (1 + np.outer(times, times))
    observed = covariance + (noise.detection * SIZE) ** 2 * np.eye(count)
    expected = covariance @ np.linalg.solve(observed, values)
    np.testing.assert_allclose(smoothed(values, count, noise), expected, atol=0.02)


def test_one_detection_far_off_is_not_believed() -> None:
    values = np.zeros(40)
    values[20] = 30.0
    assert np.abs(smoothed(values, 8)).max() < 1.5


def test_a_leap_that_the_next_detection_confirms_is_followed_at_once() -> None:
    values = np.where(np.arange(40) < 20, 0.0, 30.0)
    result = smoothed(values, 8)
    assert np.abs(result - values).max() < 3.0
    assert result[20] == pytest.approx(30, abs=2.0)


def test_a_gap_is_interpolated() -> None:
    truth = 2.0 * np.arange(40)
    values = truth.copy()
    values[18:23] = np.nan
    assert np.abs(smoothed(values, 8) - truth).max() < 0.5


def test_an_interval_may_be_longer_than_the_lookahead() -> None:
    values = np.zeros(30)
    values[20:] = 30.0
    for lookahead in (0, 1, 3):
        assert len(smoothed(values, lookahead)) == 30
