from __future__ import annotations

import cv2
import numpy as np
import pytest

from vidrestore.paste.grain.blocks import (
    flattest,
    levelled,
    means,
    powers,
    variance,
    without_blotches,
)

SIDES = pytest.mark.parametrize("side", [8, 16])
Y, X = np.mgrid[:128, :160].astype(np.float32)


def white(sigma, seed=0):
    return np.random.default_rng(seed).normal(0, sigma, Y.shape).astype(np.float32)


def every(side):
    return np.stack(np.mgrid[: 128 - side : side, : 160 - side : side], -1).reshape(-1, 2)


def weight(side):
    """How many of all frequencies each of a spectrum stands for."""
    counts = np.full(side // 2 + 1, 2.0)
    counts[[0, -1]] = 1
    return counts / side**2


@SIDES
def test_power_is_variance_spread_over_frequencies(side):
    power = powers(100 + white(5), every(side), side)
    # Mean and slope are taken away: three of all degrees of freedom, more under the window.
    assert float((power.mean(axis=0) * weight(side)).sum()) == pytest.approx(25, rel=0.2)
    fine = power.mean(axis=0)[side // 4 : side // 2, 2:]
    assert fine.mean() == pytest.approx(25, rel=0.1)
    assert variance(powers(3 * white(5), every(side), side)) == pytest.approx(9 * variance(power))


@SIDES
def test_light_and_shading_have_no_power(side):
    assert powers(90 + 0.7 * X - 0.4 * Y, every(side), side).max() < 1e-3
    shaded = 120 + 50 * np.sin(X / 25) * np.cos(Y / 31)
    assert variance(powers(shaded, every(side), side)).max() < 0.05


@SIDES
def test_blocks_lie_where_they_may_and_where_least_is_seen(side):
    tone = 120 + white(3)
    tone[:, 80:] += 40 * np.sin(X[:, 80:] / 4)
    allowed = (Y > 20) & (X > 10)
    places = flattest(tone, allowed, side)
    assert len(places) > 5
    for row, column in places:
        assert allowed[row : row + side, column : column + side].all()
    assert (places[:, 1] < 80).mean() > 0.8
    assert np.allclose(
        means(tone, places, side),
        [tone[r : r + side, c : c + side].mean() for r, c in places],
        atol=1e-3,
    )


@SIDES
@pytest.mark.parametrize("level", [3, 252])
def test_what_is_clipped_tells_no_grain(level, side):
    tone = np.where(X < 80, level, 120).astype(np.float32)
    places = flattest(tone, np.ones(Y.shape, bool), side)
    assert (places[:, 1] >= 80).all()
    assert not len(flattest(np.full_like(tone, level), np.ones(Y.shape, bool), side))


@pytest.mark.parametrize("shape", [(5, 40), (40, 5), (16, 16)])
def test_a_picture_without_room_for_blocks_has_none(shape):
    allowed = np.zeros(shape, bool)
    places = flattest(np.full(shape, 100, np.float32), allowed, 8)
    assert places.shape == (0, 2)
    assert powers(np.zeros(shape, np.float32), places, 8).shape == (0, 8, 5)


def test_coarse_frequencies_are_brought_down_to_those_beside_and_no_others():
    power = np.ones((16, 9), np.float32)
    power[0, 1] = power[5, 5] = 50
    power[1, 0] = 0.2
    level = levelled(power)
    assert level[0, 1] == pytest.approx(1)
    assert (level[5, 5], level[1, 0]) == (50, pytest.approx(0.2))


@SIDES
def test_blotches_are_left_out_and_grain_is_not(side):
    kept = []
    for plane in (white(5), cv2.GaussianBlur(white(5), (0, 0), 6.0)):
        power = powers(plane, every(side), side).mean(axis=0)
        kept.append((without_blotches(power) * weight(side)).sum() / (power * weight(side)).sum())
    assert kept[0] > 0.85
    assert kept[1] < 0.35  # a window's skirts reach far in small blocks
