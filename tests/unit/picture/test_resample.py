from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidrestore.picture.resample import compose, interpolate, inverse, resample, resample_back


def wave(x, y):
    return 100 + 80 * np.sin(x / 9 + 0.3) * np.cos(y / 11)


def grid(width, height):
    return np.meshgrid(np.arange(width, dtype=float), np.arange(height, dtype=float))


def similarity(step, angle, x, y):
    a, b = step * np.cos(angle), step * np.sin(angle)
    return np.array([[a, -b, x], [b, a, y]])


def test_composing_with_the_inverse_changes_nothing():
    matrix = similarity(1.7, 0.4, 30, -20)
    assert np.allclose(compose(matrix, inverse(matrix)), np.eye(2, 3), atol=1e-12)
    point = np.array([3.0, 4.0])
    other = similarity(0.2, -1, 1, 2)
    inner = other[:, :2] @ point + other[:, 2]
    expected = matrix[:, :2] @ inner + matrix[:, 2]
    combined = compose(matrix, other)
    assert np.allclose(combined[:, :2] @ point + combined[:, 2], expected)


def test_a_map_that_flattens_has_no_inverse():
    with pytest.raises(ValueError, match="no inverse"):
        inverse(np.zeros((2, 3)))


def test_the_same_grid_gives_the_same_values():
    picture = wave(*grid(40, 30)).astype(np.float32)
    assert np.array_equal(resample(picture, np.eye(2, 3), (3, 5, 40, 30)), picture[5:, 3:])


@given(st.floats(0.1, 1.0), st.floats(-3.2, 3.2))
@settings(max_examples=20, deadline=None)
def test_enlarging_follows_the_picture(step, angle):
    picture = (100 * wave(*grid(160, 120))).astype(np.uint16)
    matrix = similarity(step, angle, 80, 60)
    x, y = grid(30, 20)
    where = np.stack([x, y], -1) @ matrix[:, :2].T + matrix[:, 2]
    values = resample(picture, matrix, (0, 0, 30, 20)) / 100
    error = values - wave(where[..., 0], where[..., 1])
    assert np.abs(error).max() < 1.0


@pytest.mark.parametrize("step", [1.2, 2.0, 3.0, 4.6])
def test_what_was_enlarged_comes_back(step):
    rng = np.random.default_rng(1)
    fine = cv2.GaussianBlur(rng.normal(0, 10, (80, 100)).astype(np.float32), (0, 0), 0.7)
    back = similarity(step, 0.2, 30, 10)
    enlarged = resample(fine, inverse(back), (0, 0, 560, 480), mirror=True)
    window = (20, 20, 60, 50)
    there, averaged = (f(enlarged, back, window) for f in (resample_back, resample))
    wanted = fine[20:50, 20:60]
    left = 1 - (there * wanted).mean() / (wanted * wanted).mean()
    assert abs(left) < 0.08
    assert (there - wanted).std() < 0.9 * (averaged - wanted).std()


def test_what_is_no_finer_than_the_grid_comes_back_as_it_is():
    picture = wave(*grid(40, 30)).astype(np.float32)
    matrix = similarity(0.6, 0.1, 5, 3)
    window = (2, 2, 30, 20)
    assert np.array_equal(resample_back(picture, matrix, window), resample(picture, matrix, window))


@pytest.mark.parametrize("step", [1.2, 1.9, 2.0, 3.0, 3.7, 9.5])
def test_reducing_takes_the_mean_of_the_area(step):
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 1, (400, 500)).astype(np.float32)
    side = int(300 / step)
    result = resample(noise, similarity(step, 0.3, 120, 30), (0, 0, side, side))
    # An ideal area average has 1/step; a little more blur is no harm, aliasing is.
    assert 0.6 / step < result.std() < 1.05 / step


def test_each_axis_is_averaged_for_itself():
    stripes = np.tile(np.arange(64)[:, None] % 2 * 200.0, (1, 64)).astype(np.float32)
    tall = np.array([[0.25, 0, 0], [0, 2.0, 0.5]])
    assert np.allclose(resample(stripes, tall, (8, 4, 40, 28)), 100, atol=1e-3)
    wide = np.array([[2.0, 0, 0.5], [0, 0.25, 0]])
    assert np.allclose(resample(stripes.T.copy(), wide, (4, 8, 28, 40)), 100, atol=1e-3)


def test_a_window_is_a_part_of_the_whole():
    picture = wave(*grid(300, 200)).astype(np.float32)
    for step in (0.4, 1.3, 4.0):
        matrix = similarity(step, 0.2, 40, 20)
        whole = resample(picture, matrix, (0, 0, 40, 30))
        part = resample(picture, matrix, (7, 5, 21, 30))
        assert np.allclose(part, whole[5:30, 7:21], atol=0.3 * step)


@pytest.mark.parametrize("step", [0.5, 3.0])
def test_beyond_the_edge_the_picture_is_mirrored_or_its_border_repeated(step):
    x, _ = grid(90, 60)
    matrix = similarity(step, 0, -30, 10)
    count = int(60 / step)
    places = np.arange(count) * step - 30
    mirrored = resample(x.astype(np.uint8), matrix, (0, 0, count, 8), mirror=True)[4]
    repeated = resample(x.astype(np.uint8), matrix, (0, 0, count, 8))[4]
    clear = np.abs(places) > 2 * step
    expected = np.where(places < 0, -1 - places, places)
    assert np.allclose(mirrored[clear], expected[clear], atol=0.2 * step)
    assert np.allclose(repeated[clear], np.maximum(places, 0)[clear], atol=0.4 * step)


def test_wholly_beyond_the_edge_there_is_still_a_picture():
    picture = wave(*grid(50, 40)).astype(np.uint8)
    for x in (-400, 400):
        for step in (0.5, 3.0):
            values = resample(picture, similarity(step, 0.1, x, 20), (0, 0, 20, 20), mirror=True)
            assert values.shape == (20, 20)
            assert values.min() > 0


def test_the_picture_may_be_read_only_and_is_left_alone():
    picture = wave(*grid(50, 40)).astype(np.uint8)
    before = picture.copy()
    picture.flags.writeable = False
    resample(picture, similarity(2.5, 0.1, 5, 5), (0, 0, 10, 10))
    assert np.array_equal(before, picture)


@given(st.floats(0.2, 4), st.floats(-3, 3), st.integers(0, 100))
@settings(max_examples=20, deadline=None)
def test_interpolation_stays_between_the_values_and_ends_in_nothing(step, angle, seed):
    picture = np.random.default_rng(seed).uniform(0, 1, (20, 20)).astype(np.float32)
    values = interpolate(picture, similarity(step, angle, -5, -5), (0, 0, 60, 60))
    assert values.min() >= 0
    assert values.max() <= picture.max() + 1e-6
    x, y = grid(60, 60)
    where = np.stack([x, y], -1) @ similarity(step, angle, -5, -5)[:, :2].T - 5
    outside = (where < -1.05).any(axis=-1) | (where > 20.05).any(axis=-1)
    assert not values[outside].any()
