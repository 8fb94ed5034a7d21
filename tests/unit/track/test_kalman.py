from __future__ import annotations

import numpy as np
import pytest

from vidrestore.track.kalman import CoordinateFilter, Noise, Observation

DT = 0.04


def followed(
    values: np.ndarray, noise: Noise | None = None, size: float = 50.0
) -> CoordinateFilter:
    first, *others = values
    chosen = CoordinateFilter(noise or Noise(), Observation(0.0, np.array([first]), size))
    for value in others:
        chosen.advance(Observation(DT, np.array([value]), size))
    return chosen


def test_learns_a_constant_speed_and_predicts_by_it() -> None:
    track = followed(100 + 3.0 * np.arange(30))
    assert track.last.state[1, 0] == pytest.approx(3 / DT, rel=0.01)
    assert track.predicted(2 * DT)[0] == pytest.approx(100 + 3 * 31, abs=0.1)


def test_damping_makes_a_prediction_stop() -> None:
    track = followed(100 + 3.0 * np.arange(30))
    free, damped = track.predicted(1.0)[0], track.predicted(1.0, damping=3.0)[0]
    assert 187 < damped < free - 20


def test_prediction_changes_nothing() -> None:
    track = followed(np.arange(5.0))
    before = track.last
    track.predicted(DT)
    track.surprise(Observation(DT, np.array([9.0]), 50.0))
    after = track.advance(Observation(DT, None, 50.0))
    np.testing.assert_array_equal(after.state, after.transition @ before.state)


def test_uncertainty_grows_without_sights() -> None:
    track = followed(np.zeros(20))
    before = track.last.covariance[0, 0]
    grown = [track.advance(Observation(DT, None, 50.0)).covariance[0, 0] for _ in range(5)]
    assert before < grown[0]
    assert grown == sorted(grown)


def test_several_coordinates_cost_one_covariance_and_do_not_mix() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(0, 0.3, (30, 3)).cumsum(axis=0)
    # Without adaptation, which looks at all coordinates together.
    noise = Noise(surprise=np.inf)
    together = CoordinateFilter(noise, Observation(0.0, values[0], 50.0))
    for row in values[1:]:
        together.advance(Observation(DT, row, 50.0))
    apart = [followed(column, noise).last.state[:, 0] for column in values.T]
    np.testing.assert_allclose(together.last.state, np.stack(apart, axis=1), rtol=1e-9)
    assert together.last.covariance.shape == (4, 4)


def test_a_surprise_raises_the_acceleration_noise_of_that_step_alone() -> None:
    track = followed(np.zeros(20))
    calm = track.last.disturbance[1, 1]
    leap = track.advance(Observation(DT, np.array([10.0]), 50.0)).disturbance[1, 1]
    after = track.advance(Observation(DT, track.predicted(DT), 50.0)).disturbance[1, 1]
    assert leap > 10 * calm
    assert after == pytest.approx(calm)


def test_a_distrusted_sight_hardly_moves_the_track() -> None:
    trusting, doubting = followed(np.zeros(20)), followed(np.zeros(20))
    outlier = Observation(DT, np.array([25.0]), 50.0)
    assert trusting.advance(outlier).state[0, 0] > 15
    assert abs(doubting.advance(outlier, trusted=False).state[0, 0]) < 1


def test_a_sight_of_known_error_counts_by_it() -> None:
    rng = np.random.default_rng(3)
    errors = rng.choice([0.2, 2.0], 200)
    values = rng.normal(0, 1, 200) * errors
    still = Noise(agility=1e-4, surprise=np.inf)

    def spread(deviations: np.ndarray) -> float:
        track = CoordinateFilter(still, Observation(0.0, values[:1], 50.0, error=2 * deviations[0]))
        observations = (
            Observation(DT, values[k : k + 1], 50.0, error=2 * deviations[k]) for k in range(1, 200)
        )
        return float(
            np.std([track.advance(observation).state[0, 0] for observation in observations][20:])
        )

    assert spread(errors) < 0.5 * spread(np.full(200, 1.0))


def test_the_error_of_a_detection_stays_in_what_is_carried_from_it() -> None:
    # Detections every 3rd frame, each with an error of its own, blended linearly in between.
    nodes = np.random.default_rng(0).normal(0, 0.75, 100)
    values = np.interp(np.arange(298) / 3, np.arange(100), nodes)

    def error(spans: tuple[int, int, int]) -> float:
        track = CoordinateFilter(Noise(agility=0.01), Observation(0.0, values[:1], 50.0))
        observations = (
            Observation(DT, values[k : k + 1], 50.0, spans[k % 3 - 1]) for k in range(1, 298)
        )
        return float(
            np.std([track.advance(observation).state[0, 0] for observation in observations])
        )

    unaware = error((1, 1, 1))
    assert error((3, 0, 0)) < 0.9 * unaware
    assert unaware < np.std(values)


def test_a_return_after_a_gap_does_not_become_speed() -> None:
    track = followed(np.zeros(20))
    for _ in range(10):
        track.advance(Observation(DT, None, 50.0))
    back = Observation(DT, np.array([60.0]), 50.0)
    assert track.surprise(back) == 0
    state = track.advance(back).state[:, 0]
    assert state[0] == pytest.approx(60, abs=3)
    assert state[1] < 2 * 60 / (11 * DT)


@pytest.mark.parametrize("dt", [0.0, -1.0, 1e9, 1e-12])
def test_broken_timestamps_do_not_break_the_state(dt: float) -> None:
    track = followed(np.arange(10.0))
    for _ in range(5):
        step = track.advance(Observation(dt, np.array([10.0]), 50.0))
        assert np.isfinite(step.state).all()
        assert np.linalg.eigvalsh(step.covariance).min() >= -1e-9


def test_a_track_cannot_start_from_nothing() -> None:
    with pytest.raises(ValueError, match="starts with an observation"):
        CoordinateFilter(Noise(), Observation(0.0, None, 50.0))
