from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_pictures.strategies import empty_frame, landmarks, landmarks_at
from tests.stand_ins.stages import smoothing as smoother
from vidrestore.datatypes import FaceState, TrackedFace, TrackedFrame
from vidrestore.stages import Stage
from vidrestore.track import smoothing

SIZE = 100.0


def tracked(
    points: np.ndarray, every: int = 3, starts: tuple[int, ...] = (0,), track_id: int = 1
) -> list[TrackedFrame]:
    """One track over all frames, measured on every n-th; a new id at each start of a shot."""
    result = []
    for index, row in enumerate(points):
        state: FaceState = "measured" if index % every == 0 else "propagated"
        shot = sum(index >= start for start in starts) - 1
        face = TrackedFace(track_id + shot, row, state, index - starts[shot], 0.9)
        result.append(TrackedFrame(empty_frame(index), index in starts, (face,)))
    return result


def run(stage: Stage[TrackedFrame, TrackedFrame], items: list[TrackedFrame]) -> list[TrackedFrame]:
    return [out for item in items for out in stage.push(item)] + list(stage.flush())


def smoothed(points: np.ndarray, lookahead: int = 8, strength: float = 1.0, **kw) -> np.ndarray:
    out = run(smoother(lookahead, strength), tracked(points, **kw))
    return np.array([frame.faces[0].landmarks for frame in out])


def seen(truth: np.ndarray, every: int = 3, noise: float = 0.008, seed: int = 0) -> np.ndarray:
    """Detections with errors on every n-th frame, blended linearly in between."""
    rng = np.random.default_rng(seed)
    errors = rng.normal(0, noise * SIZE, truth.shape)
    nodes = sorted({*range(0, len(truth), every), len(truth) - 1})
    at = np.arange(len(truth))
    flat = [np.interp(at, nodes, column[nodes]) for column in errors.reshape(len(truth), -1).T]
    return truth + np.stack(flat, axis=1).reshape(truth.shape)


def jitter(error: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.diff(error, 2, axis=0) ** 2)))


def still(count: int) -> np.ndarray:
    return np.tile(landmarks_at(300, 200, SIZE), (count, 1, 1))


def swaying(count: int) -> np.ndarray:
    t = np.arange(count) / 25
    return np.array(
        [landmarks_at(300 + 60 * np.sin(3 * k), 200 + 20 * np.sin(4 * k), SIZE) for k in t]
    )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(landmarks(), min_size=1, max_size=12),
    st.integers(0, 10),
    st.integers(1, 4),
    st.lists(st.integers(1, 11), max_size=3, unique=True),
)
def test_each_frame_comes_out_once_in_order_with_its_faces(
    points: list[np.ndarray], lookahead: int, every: int, cuts: list[int]
) -> None:
    items = tracked(np.array(points), every, (0, *sorted(cuts)))
    out = run(smoother(lookahead), items)
    assert [frame.frame for frame in out] == [item.frame for item in items]
    for before, after in zip(items, out, strict=True):
        assert after.shot_start == before.shot_start
        for face, same in zip(before.faces, after.faces, strict=True):
            assert (face.track_id, face.state, face.age, face.score) == (
                same.track_id,
                same.state,
                same.age,
                same.score,
            )
            assert np.isfinite(same.landmarks).all()


@given(st.integers(0, 12))
@settings(max_examples=8, deadline=None)
def test_exactly_the_lookahead_is_held(lookahead: int) -> None:
    stage = smoother(lookahead)
    for index, item in enumerate(tracked(still(20))):
        assert len(list(stage.push(item))) == (index >= lookahead)
    assert len(list(stage.flush())) == lookahead


def test_strength_zero_passes_the_very_same_values() -> None:
    items = tracked(seen(still(12)))
    assert all(a is b for a, b in zip(run(smoother(8, 0.0), items), items, strict=True))


@settings(max_examples=15, deadline=None)
@given(st.floats(0.05, 20), st.floats(-5000, 5000), st.integers(0, 9), st.integers(1, 4))
def test_it_scales_and_shifts_with_the_face(
    scale: float, shift: float, lookahead: int, every: int
) -> None:
    points = seen(swaying(20), every)
    points[7] += 40
    expected = smoothed(points, lookahead, every=every) * scale + shift
    result = smoothed(points * scale + shift, lookahead, every=every)
    np.testing.assert_allclose(result, expected, atol=1e-4 * scale * SIZE)


@pytest.mark.parametrize("lookahead", [0, 2, 8])
@pytest.mark.parametrize("every", [1, 3, 10])
def test_what_stands_still_stays_put(lookahead: int, every: int) -> None:
    np.testing.assert_allclose(smoothed(still(40), lookahead, every=every), still(40), atol=1e-6)


@pytest.mark.parametrize("every", [1, 3])
def test_constant_speed_has_no_lag(every: int) -> None:
    truth = still(60) + np.arange(60)[:, None, None] * (3.0, -1.0)
    assert np.abs(smoothed(truth, every=every) - truth).max() < 0.01 * SIZE
    assert np.abs(smoothed(truth, every=every) - truth)[3:].max() < 0.001 * SIZE


@pytest.mark.parametrize(("every", "most"), [(1, 0.15), (3, 0.15)])
@pytest.mark.parametrize("motion", [still, swaying])
def test_jitter_and_error_shrink(motion, every: int, most: float) -> None:
    ratios, errors, ends = [], [], []
    for seed in range(6):
        truth = motion(90)
        single = seen(truth, 1, seed=seed) - truth
        error = smoothed(seen(truth, every, seed=seed), every=every) - truth
        ratios.append(jitter(error) / jitter(single))
        errors.append(np.abs(error).mean() / np.abs(single).mean())
        edge = [*range(5), *range(-5, 0)]
        ends.append(np.abs(error[edge]).mean() / np.abs(single[edge]).mean())
    assert np.mean(ratios) <= most
    assert np.mean(errors) <= 0.7
    assert np.mean(ends) <= 0.95


def test_motion_is_not_followed_late() -> None:
    truth = swaying(120)
    speed = np.gradient(truth, axis=0)
    along = speed / np.linalg.norm(speed, axis=2, keepdims=True)
    lags = []
    for seed in range(6):
        points = seen(truth, 3, seed=seed)
        lags.append((((smoothed(points) - points) * along).sum(axis=2)).mean())
    assert abs(np.mean(lags)) <= 0.25 * SIZE / 107


def test_a_sudden_move_is_followed_and_not_smeared() -> None:
    step = np.clip((np.arange(60) - 30) / 4, 0, 1)
    truth = still(60) + step[:, None, None] * (SIZE, 0.0)
    assert np.abs(smoothed(truth) - truth).max() < 0.06 * SIZE


def test_placed_landmarks_are_as_many_sights_as_there_are_frames() -> None:
    ratios = []
    for seed in range(4):
        truth = swaying(60)
        points = seen(truth, 1, noise=0.004, seed=seed)
        items = [
            replace(item, faces=(replace(item.faces[0], error=0.02 * SIZE),))
            for item in tracked(points, every=6)
        ]
        out = np.array([frame.faces[0].landmarks for frame in run(smoother(), items)])
        ratios.append(jitter(out - truth) / jitter(points - truth))
        assert np.abs(out - truth).mean() < 0.75 * np.abs(points - truth).mean()
    assert np.mean(ratios) < 0.25


def test_speech_moves_the_eyes_less_than_the_mouth() -> None:
    truth = still(100)
    spoken = truth.copy()
    spoken[:, 3:, 1] += 0.05 * SIZE * np.sin(np.arange(100))[:, None]
    moved = np.abs(smoothed(spoken) - truth).mean(axis=(0, 2))
    assert moved[:2].max() < 0.2 * moved[3:].min()


def test_more_strength_is_calmer() -> None:
    points = seen(still(60))
    calm = [jitter(smoothed(points, strength=s) - still(60)) for s in (0.1, 0.5, 1.0, 2.0)]
    assert calm == sorted(calm, reverse=True)


def test_nothing_crosses_the_start_of_a_shot() -> None:
    left, right = seen(still(20)), seen(still(20), seed=1) + 500
    both = run(smoother(), tracked(np.concatenate([left, right]), starts=(0, 20), every=1))
    for part, points in ((both[:20], left), (both[20:], right)):
        alone = smoothed(points, every=1)
        np.testing.assert_allclose([f.faces[0].landmarks for f in part], alone, atol=1e-9)


def test_a_coasting_face_is_interpolated_whatever_was_predicted() -> None:
    truth = still(40) + np.arange(40)[:, None, None] * (2.0, 0.0)
    items = tracked(truth)
    for index in range(15, 21):
        lost = TrackedFace(1, np.zeros((5, 2)), "coasting", index, 0.9)
        items[index] = TrackedFrame(items[index].frame, False, (lost,))
    out = run(smoother(), items)
    assert [f.faces[0].state for f in out[15:21]] == ["coasting"] * 6
    error = np.abs([f.faces[0].landmarks for f in out] - truth)
    assert error[15:21].max() < 0.05 * SIZE
    assert error[[*range(5, 15), *range(21, 40)]].max() < 0.02 * SIZE


@pytest.mark.parametrize("lookahead", [0, 4])
def test_tracks_that_ended_are_forgotten_and_others_go_on(lookahead: int) -> None:
    long, short = tracked(still(60)), tracked(still(20) + 400, track_id=2)
    items = [
        TrackedFrame(a.frame, a.shot_start, a.faces + (short[i].faces if i < 20 else ()))
        for i, a in enumerate(long)
    ]
    stage = smoother(lookahead)
    out = [frame for item in items for frame in stage.push(item)]
    assert len(stage._tracks) == 1
    out += stage.flush()
    assert [len(frame.faces) for frame in out] == [2] * 20 + [1] * 40


def test_options_choose_lookahead_and_strength() -> None:
    stage = smoother(2, 0.5)
    assert sum(len(list(stage.push(item))) for item in tracked(still(10))) == 8
    with pytest.raises(ValueError, match="negative"):
        smoother(-1)


def test_a_filter_that_starts_anew_changes_next_to_nothing(monkeypatch):
    points, settled = seen(swaying(200), seed=5), smoothing.SETTLED
    anew = smoothed(points)
    monkeypatch.setattr(smoothing, "SETTLED", 10**6)
    once = smoothed(points)
    apart = np.abs(anew - once).max(axis=(1, 2))
    assert (apart[: 2 * settled - 1] == 0).all()
    assert 0 < apart.max() < 2e-4 * SIZE
