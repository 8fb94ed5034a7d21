from __future__ import annotations

import numpy as np
import pytest

from vidrestore.temporal.change import brightness, energy, usual, weights

SIDE = 128
PIXEL = 0.4 / SIDE
SMALL_PIXEL = 3 / SIDE


def smooth():
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    return 120 + 30 * np.sin(x / 20) * np.cos(y / 25)


def noise(sigma, seed=0):
    return np.random.default_rng(seed).normal(0, sigma, (SIDE, SIDE)).astype(np.float32)


@pytest.mark.parametrize("sigma", [2, 8])
@pytest.mark.parametrize("pixel", [PIXEL, SMALL_PIXEL])
def test_noise_alone_keeps_most_of_the_weight(sigma, pixel):
    change = energy(smooth() + noise(sigma), smooth() + noise(sigma, 1), pixel)
    weight = weights(change, usual(change), 2.0, pixel)
    assert weight.mean() > 0.8


@pytest.mark.parametrize("sigma", [0, 2, 8])
def test_a_feature_that_changes_by_more_than_noise_loses_it(sigma):
    moved = smooth()
    moved[60:70, 50:70] += 12 + 3 * sigma
    change = energy(moved + noise(sigma), smooth() + noise(sigma, 1), PIXEL)
    weight = weights(change, usual(change), 2.0, PIXEL)
    assert weight[62:68, 53:67].max() < 0.1
    assert weight[90:, 90:].mean() > 0.8


def test_brightness_is_what_the_face_as_a_whole_changed_by():
    now = smooth() + 7
    now[40:60, 40:60] += 60  # a mouth that opens is no light
    assert brightness(smooth(), now) == pytest.approx(7, abs=0.01)
