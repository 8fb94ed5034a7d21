from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_pictures.strategies import landmarks_at
from vidrestore.track.association import FORBIDDEN, assigned, associate, costs


def stack(*places: tuple[float, ...]) -> np.ndarray:
    return np.array([landmarks_at(*place) for place in places]).reshape(-1, 5, 2)


def matched(
    tracks: np.ndarray, faces: np.ndarray, scores: list[float], missed: float = 0.0
) -> set[tuple[int, int]]:
    gaps = np.full(len(tracks), missed)
    pairs = associate(tracks, gaps, faces, np.array(scores), birth_score=0.5, continue_score=0.3)
    return set(pairs)


def test_a_face_in_place_costs_nothing_and_distance_costs() -> None:
    cost = costs(stack((0, 0)), np.zeros(1), stack((0, 0), (10, 0), (20, 0)))
    assert cost[0, 0] < 1e-9
    assert cost[0, 0] < cost[0, 1] < cost[0, 2] < FORBIDDEN


def test_far_faces_and_other_sizes_are_ruled_out() -> None:
    cost = costs(stack((0, 0)), np.zeros(1), stack((80, 0), (0, 0, 80), (0, 0, 20)))
    assert np.all(cost == FORBIDDEN)


def test_the_gate_widens_while_a_track_is_out_of_sight() -> None:
    tracks, faces = stack((0, 0)), stack((70, 0))
    assert not matched(tracks, faces, [0.9])
    assert matched(tracks, faces, [0.9], missed=10) == {(0, 0)}


@settings(deadline=None)
@given(st.floats(0.1, 30), st.floats(-1000, 1000))
def test_costs_do_not_depend_on_scale_or_place(scale: float, shift: float) -> None:
    tracks, faces = stack((0, 0), (60, 10)), stack((5, 5), (70, 0, 50))
    expected = costs(tracks, np.ones(2), faces)
    result = costs(tracks * scale + shift, np.ones(2), faces * scale + shift)
    np.testing.assert_allclose(result, expected, rtol=1e-6)


def test_the_sum_of_costs_decides_not_the_nearest_pair() -> None:
    cost = np.array([(0.1, 0.2), (0.15, FORBIDDEN)])
    assert set(assigned(cost)) == {(0, 1), (1, 0)}


def test_confident_faces_come_first() -> None:
    tracks = stack((0, 0))
    faces = stack((2, 0), (12, 0))
    assert matched(tracks, faces, [0.35, 0.9]) == {(0, 1)}
    assert matched(tracks, faces, [0.35, 0.1]) == {(0, 0)}
    assert not matched(tracks, faces, [0.2, 0.1])


def test_nobody_is_matched_with_nothing() -> None:
    nobody = np.zeros((0, 5, 2))
    assert not matched(nobody, stack((0, 0)), [0.9])
    assert not matched(stack((0, 0)), nobody, [])
    assert not matched(nobody, nobody, [])
