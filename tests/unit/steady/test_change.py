from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidrestore.steady import change, light

SIDE = 128
Y, X = np.mgrid[:SIDE, :SIDE]
PICTURE = (120 + 40 * np.sin(X / 9) + 30 * np.cos(Y / 13)).astype(np.float32)


def test_the_same_picture_has_not_changed():
    assert np.abs(change(PICTURE, PICTURE, 0)).max() < 1e-3


def test_grain_is_no_change():
    rng = np.random.default_rng(0)
    first, second = (PICTURE + rng.normal(0, 8, PICTURE.shape).astype(np.float32) for _ in "ab")
    assert np.median(change(first, second, 2.0)) < 4
    coarse = np.repeat(np.repeat(rng.normal(0, 8, (32, 32)), 4, 0), 4, 1).astype(np.float32)
    assert change(PICTURE, PICTURE + coarse, 5).mean() < change(PICTURE, PICTURE + coarse, 0).mean()


def test_a_changed_feature_takes_its_surroundings_with_it():
    blinked = PICTURE.copy()
    blinked[60:66, 55:71] -= 40
    moved = change(PICTURE, blinked, 0)
    assert moved[63, 63] > 12
    assert moved[63, 74] > 6
    assert moved[20, 20] < 0.5


@given(st.floats(0.75, 1.3), st.floats(-30, 30))
def test_a_change_of_light_is_recognised(gain, offset):
    found = light(PICTURE, (PICTURE * gain + offset).astype(np.float32))
    assert found.gain == pytest.approx(gain, abs=0.01)
    assert found.offset == pytest.approx(offset, abs=1.5)
    assert found.trust > 0.25


def test_noise_is_no_change_of_light():
    """What is multiplied on every frame adds up."""
    for gain in (0.995, 1.005):
        assert abs(light(PICTURE, (PICTURE * gain).astype(np.float32)).gain - 1) < 1e-4


def test_light_that_has_changed_too_much_is_not_trusted():
    assert light(PICTURE, PICTURE * np.float32(0.5)).trust < 0.01
    assert light(PICTURE, PICTURE).trust > 0.999


def test_a_picture_without_contrast_is_no_error():
    flat = np.full((SIDE, SIDE), 100, np.float32)
    found = light(flat, flat)
    assert np.isfinite([found.gain, found.offset, found.trust]).all()
