from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidrestore.measure import high_frequency_energy, sharpness, standing_sharpness


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    """Detail of all frequencies, falling as in natural pictures."""
    random = np.random.default_rng(5)
    layers = [
        20 * sigma * cv2.GaussianBlur(random.standard_normal((128, 128, 3)), (0, 0), sigma)
        for sigma in (0.6, 1.2, 2.4, 4.8)
    ]
    return 128 + np.sum(layers, axis=0)


def blurred(picture: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), sigma)


def test_the_truth_has_all_of_it(truth):
    assert sharpness(truth, truth) == pytest.approx(1.0)
    assert high_frequency_energy(truth, truth) == pytest.approx(1.0)


def test_blur_takes_it_away(truth):
    sigmas = (0.4, 0.7, 1.0, 1.5, 2.5)
    held = [sharpness(blurred(truth, sigma), truth) for sigma in sigmas]
    energy = [high_frequency_energy(blurred(truth, sigma), truth) for sigma in sigmas]
    for values in (held, energy):
        assert values == sorted(values, reverse=True)
        assert values[0] < 1.0
        assert values[-1] < 0.02


def test_noise_and_invented_texture_earn_nothing(truth):
    soft = blurred(truth, 2.0)
    noise = np.random.default_rng(6).normal(0, 25, truth.shape)
    assert sharpness(soft + noise, truth) == pytest.approx(sharpness(soft, truth), abs=0.01)
    assert high_frequency_energy(soft + noise, truth) > 0.5
    turned = soft + (truth - soft)[::-1, ::-1]
    assert sharpness(turned, truth) < 0.02
    assert high_frequency_energy(turned, truth) > 0.4


def test_negative_detail_earns_nothing(truth):
    assert sharpness(2 * truth.mean() - truth, truth) == 0.0


def test_the_coarse_half_of_the_detail_counts_as_its_energy(truth):
    """Keeping some rings whole earns exactly the share of energy that they hold."""
    random = np.random.default_rng(7)
    spectrum = np.fft.rfft2(random.standard_normal((64, 64)))
    radius = np.hypot(np.fft.fftfreq(64)[:, None], np.fft.rfftfreq(64)[None])
    coarse = np.fft.irfft2(spectrum * ((radius > 0.14) & (radius < 0.235)))
    fine = np.fft.irfft2(spectrum * (radius > 0.27))
    whole = np.repeat((coarse + fine)[..., None], 3, axis=2) * 20 + 128
    part = np.repeat(coarse[..., None], 3, axis=2) * 20 + 128
    inner = np.zeros((64, 64), bool)
    inner[8:-8, 8:-8] = True  # mirrored borders bend the frequencies of a noise pattern
    expected = (coarse[inner] ** 2).sum() / ((coarse[inner] ** 2).sum() + (fine[inner] ** 2).sum())
    assert sharpness(part, whole, inner) == pytest.approx(expected, rel=0.1)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 31), st.floats(0.2, 3.0), st.floats(-40, 40))
def test_invariances(shift, gain, offset):
    """Brightness does not matter, contrast counts for both alike, nor does the place."""
    random = np.random.default_rng(shift)
    truth = random.normal(120, 20, (48, 48, 3))
    soft = blurred(truth, 1.0)
    base = sharpness(soft, truth)
    assert sharpness(gain * soft + offset, gain * truth) == pytest.approx(base)
    assert sharpness(soft[::-1, :], truth[::-1, :]) == pytest.approx(base)
    assert sharpness(soft[:, ::-1], truth[:, ::-1]) == pytest.approx(base)


def test_moving_detail_is_lost_in_the_average_of_a_standing_clip(truth):
    random = np.random.default_rng(8)
    steady = np.stack([truth + random.normal(0, 3, truth.shape) for _ in range(8)])
    boiling = np.stack([np.roll(truth, shift, axis=1) for shift in range(-4, 4)])
    assert standing_sharpness(steady, truth) == pytest.approx(1.0, abs=0.03)
    assert standing_sharpness(boiling, truth) < 0.2


def test_only_the_masked_part_counts(truth):
    half = np.zeros((128, 128), bool)
    half[:, :40] = True
    mixed = truth.copy()
    mixed[:, 64:] = blurred(truth, 4.0)[:, 64:]
    assert sharpness(mixed, truth, half) == pytest.approx(1.0, abs=0.05)
    assert sharpness(mixed, truth, ~half) < 0.6


def test_a_truth_without_detail_is_refused():
    flat = np.full((32, 32, 3), 90.0)
    for measure in (sharpness, high_frequency_energy):
        with pytest.raises(ValueError, match="no detail"):
            measure(flat, flat)
