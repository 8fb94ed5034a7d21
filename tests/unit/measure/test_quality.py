from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from vidrestore.measure import face_region, low_frequency_psnr, psnr, ssim


@pytest.fixture
def picture() -> np.ndarray:
    y, x = np.mgrid[:64, :64]
    waves = 120 + 50 * np.sin(x / 3.0) + 40 * np.cos(y / 5.0)
    return np.stack([waves, waves * 0.8, waves * 0.6], axis=-1).round().astype(np.uint8)


def test_equal_pictures(picture):
    assert psnr(picture, picture) == math.inf
    assert low_frequency_psnr(picture, picture) == math.inf
    assert ssim(picture, picture) == pytest.approx(1.0)


@given(st.integers(1, 40))
def test_psnr_of_a_constant_difference(step):
    dark = np.full((16, 16, 3), 100, np.uint8)
    expected = 20 * math.log10(255 / step)
    assert psnr(dark + np.uint8(step), dark) == pytest.approx(expected)
    assert low_frequency_psnr(dark + np.uint8(step), dark) == pytest.approx(expected)


def test_psnr_of_known_noise(picture):
    noise = np.random.default_rng(1).normal(0, 5.0, (256, 256, 3))
    flat = np.full((256, 256, 3), 128.0)
    assert psnr(flat + noise, flat) == pytest.approx(20 * math.log10(255 / 5.0), abs=0.05)
    # the mean of 64 samples has an eighth of their deviation
    assert low_frequency_psnr(flat + noise, flat) == pytest.approx(
        20 * math.log10(255 * 8 / 5.0), abs=0.3
    )


def test_sixteen_bits_and_eight_bits_agree(picture):
    worse = np.clip(picture.astype(int) + 7, 0, 255).astype(np.uint8)
    deep = psnr(worse.astype(np.uint16) * 257, picture.astype(np.uint16) * 257)
    assert deep == pytest.approx(psnr(worse, picture))
    assert psnr(worse.astype(np.float32), picture) == pytest.approx(psnr(worse, picture))


@pytest.mark.parametrize("measure", [psnr, low_frequency_psnr, ssim])
def test_only_the_masked_pixels_count(measure, picture):
    mask = np.zeros((64, 64), bool)
    mask[16:48, 16:48] = True
    damaged = picture.copy()
    damaged[:8], damaged[:, :8] = 0, 255  # further from the mask than SSIM's window reaches
    assert measure(damaged, picture, mask) == measure(picture, picture, mask)
    assert measure(damaged, picture) < measure(picture, picture)


@pytest.mark.parametrize("measure", [psnr, ssim])
def test_more_noise_measures_worse(measure, picture):
    noise = np.random.default_rng(2).normal(0, 1.0, picture.shape)
    values = [measure(picture + strength * noise, picture) for strength in (1, 2, 4, 8, 16)]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == 5


def test_ssim_is_scikit_images(picture):
    noisy = picture + np.random.default_rng(3).normal(0, 9.0, picture.shape)
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    _, full = structural_similarity(
        noisy, picture.astype(float), data_range=255, channel_axis=-1, full=True, **settings
    )
    assert ssim(noisy, picture) == pytest.approx(full.mean(), abs=1e-9)


def test_detail_does_not_count_in_low_frequencies(picture):
    checker = (np.indices((64, 64)).sum(axis=0) % 2 * 2 - 1)[..., None] * 10.0
    assert low_frequency_psnr(picture + checker, picture) > 200
    assert psnr(picture + checker, picture) == pytest.approx(20 * math.log10(25.5))


@pytest.mark.parametrize("measure", [psnr, low_frequency_psnr, ssim])
def test_what_cannot_be_compared_is_refused(measure, picture):
    with pytest.raises(ValueError, match="cannot be compared"):
        measure(picture[:32], picture)
    with pytest.raises(ValueError, match="counts no pixel"):
        measure(picture, picture, np.zeros((64, 64), bool))
    with pytest.raises(ValueError, match="a mask of"):
        measure(picture, picture, np.ones((4, 4), bool))
    with pytest.raises(ValueError, match=r"expected \(\.\.\., H, W, 3\)"):
        measure(picture[..., 0], picture[..., 0])
    with pytest.raises(TypeError, match="int64"):
        measure(picture.astype(np.int64), picture.astype(np.int64))


def test_a_mask_without_a_whole_block_is_refused(picture):
    thin = np.zeros((64, 64), bool)
    thin[:, 3] = True
    with pytest.raises(ValueError, match="no whole block"):
        low_frequency_psnr(picture, picture, thin)


def test_face_region_scales():
    small, large = face_region(128), face_region(512)
    assert small.mean() == pytest.approx(large.mean(), abs=0.003)
    assert 0.15 < large.mean() < 0.35
