from __future__ import annotations

import numpy as np
import pytest

from tests.made_pictures.portraits import astronaut
from vidrestore.datatypes import Tone
from vidrestore.film.tone import SAME, Motion, glance, inverse, then, tone_between


def pictured(shift: int = 0, gain: float = 1.0, offset: float = 0.0, seed: int = 0) -> np.ndarray:
    """The portrait from elsewhere, in another light, with grain."""
    part = astronaut()[60:420, 20 + shift : 500 + shift if shift < 12 else 500].astype(float)
    part = part * 0.8 + 20
    grain = np.random.default_rng(seed).normal(0, 6, part.shape[:2])[..., None]
    return (gain * part + offset + grain).clip(0, 255).astype(np.uint8)


def measured(first: np.ndarray, second: np.ndarray) -> Tone:
    before, now = glance(first), glance(second)
    return tone_between(Motion().brought(before, now), now)


@pytest.mark.parametrize(("gain", "offset"), [(1, 0), (0.85, 8), (1.15, -10), (1, 14), (0.7, 30)])
@pytest.mark.parametrize("shift", [0, 8])
def test_gain_and_offset_are_found_in_grain_and_motion(gain, offset, shift):
    tone = measured(pictured(seed=1), pictured(shift, gain, offset, seed=2))
    at = np.array([60.0, 120.0, 180.0])
    assert tone.gain * at + tone.offset == pytest.approx(gain * at + offset, abs=2.5)


def test_what_comes_into_the_picture_is_no_light():
    now = pictured()
    now[:, :140] = 245
    tone = measured(pictured(), now)
    assert tone.gain * 120 + tone.offset == pytest.approx(120, abs=1.0)


@pytest.mark.parametrize("picture", [np.zeros((90, 120, 3)), np.full((90, 120, 3), 255)])
def test_what_is_black_or_white_tells_nothing(picture):
    assert measured(picture.astype(np.uint8), pictured()[:270:3, :360:3]) == SAME


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 300, 3), (17, 9, 3), (480, 20, 3)])
def test_any_size_will_do(shape):
    picture = np.random.default_rng(0).integers(0, 255, shape, dtype=np.uint8)
    assert np.isfinite(measured(picture, picture).gain)


def test_a_tone_after_its_inverse_is_none():
    tone = Tone(1.3, -7.0)
    there_and_back = then(tone, inverse(tone))
    assert (there_and_back.gain, there_and_back.offset) == pytest.approx((1, 0))
