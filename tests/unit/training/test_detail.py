from __future__ import annotations

import numpy as np
import pytest
import torch

from training.detail import Samples, judged, learn, robust_mean_square, sample_of

SIDE = 128


def noisy(strength: float, seed: int) -> np.ndarray:
    draws = np.random.default_rng(seed)
    return 128 + strength * draws.standard_normal((SIDE, SIDE), np.float32)


def flat(level: float) -> np.ndarray:
    return np.full((SIDE, SIDE), level, np.float32)


def test_an_edge_is_no_texture() -> None:
    noise = noisy(3, 0) - 128
    assert float(robust_mean_square(noise, 16).mean()) == pytest.approx(9.0, rel=0.1)
    edge = noise.copy()
    edge[:, 20:22] += 100
    assert robust_mean_square(edge, 16).max() < 16
    assert robust_mean_square(flat(0), 16).max() == 0


def test_a_sample_says_what_a_result_lacks() -> None:
    gray = flat(128)
    sample = sample_of(gray, gray, noisy(5, 0))
    features, missing = sample.features, sample.missing
    assert features.shape[2:] == missing.shape[2:] == (8, 8)
    fine, coarse = missing[0].mean((1, 2))
    assert 10 < fine < 25
    assert 2 < coarse < 10
    assert sample_of(gray, gray, gray).missing.max() == 0


def test_it_learns_where_detail_is_missing() -> None:
    """Bright crops lack much, dark ones little."""
    rows = []
    for number in range(24):
        bright = number % 2
        base = flat(60 + 120 * bright)
        truth = base + noisy(1 + 7 * bright, number) - 128
        rows.append(sample_of(base, base, truth))
    samples = Samples(*(torch.cat(column) for column in zip(*rows, strict=True)))
    network = learn(samples, 150, seed=1)
    told = network(samples.features).exp().mean((2, 3))[:, 0]
    true = samples.missing.mean((2, 3))[:, 0]
    torch.testing.assert_close(told[::2].mean(), true[::2].mean(), rtol=0.3, atol=0.2)
    torch.testing.assert_close(told[1::2].mean(), true[1::2].mean(), rtol=0.3, atol=0.2)
    figures = judged(network, samples)
    assert figures["likelihood"] < figures["constant"]
    assert figures["energy"] == pytest.approx(1.0, rel=0.2)
