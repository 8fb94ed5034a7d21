from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks.against_filters.filters.classic import non_local_means, unsharp
from benchmarks.against_filters.filters.deflicker import deflicker
from benchmarks.against_filters.filters.ffmpeg import HQDN3D, NLMEANS, through_ffmpeg


@pytest.fixture(scope="module")
def still() -> np.ndarray:
    texture = np.random.default_rng(0).uniform(0, 255, (48, 64))
    texture = cv2.normalize(cv2.GaussianBlur(texture, (0, 0), 4), None, 60, 190, cv2.NORM_MINMAX)
    gray = np.repeat(texture.round().astype(np.uint8)[..., None], 3, axis=-1)
    return np.repeat(gray[None], 6, axis=0)


def test_flicker_of_light_and_contrast_is_taken_out(still):
    random = np.random.default_rng(1)
    gains = random.normal(1, 0.06, (6, 1, 1, 1))
    offsets = random.normal(0, 6, (6, 1, 1, 1))
    flickering = (still * gains + offsets).round().clip(0, 255).astype(np.uint8)
    steady = deflicker(flickering, sigma=100)
    spread = flickering.reshape(6, -1).mean(axis=1).std()
    assert steady.reshape(6, -1).mean(axis=1).std() < 0.05 * spread
    assert np.abs(np.diff(steady.astype(int), axis=0)).max() <= 3


def test_an_unsharp_mask_of_nothing_changes_nothing(still):
    assert np.array_equal(unsharp(still, 2.0, 0.0), still)
    assert unsharp(still, 2.0, 1.0).astype(float).std() > still.astype(float).std()


@pytest.mark.parametrize(
    "run",
    [
        non_local_means,
        lambda pictures: through_ffmpeg(pictures, HQDN3D),
        lambda pictures: through_ffmpeg(pictures, NLMEANS),
    ],
    ids=["nlm", "hqdn3d", "nlmeans"],
)
def test_denoisers_bring_noise_nearer_to_the_truth(run, still):
    noise = np.random.default_rng(2).normal(0, 4, still.shape)
    noisy = (still + noise).round().clip(0, 255).astype(np.uint8)
    clean = run(noisy)
    assert clean.shape == still.shape

    def error(pictures: np.ndarray) -> float:
        return float(np.square(pictures.astype(float) - still).mean())

    assert error(clean) < 0.8 * error(noisy)


def test_a_filter_that_is_unknown_to_ffmpeg_is_told(still):
    with pytest.raises(RuntimeError, match="nosuchfilter"):
        through_ffmpeg(still, "nosuchfilter")
