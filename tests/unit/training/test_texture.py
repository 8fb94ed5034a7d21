from __future__ import annotations

import pytest
import torch

from training.texture import Samples, judged, learn, robust_mean_square, sample_of

SIDE = 128


def noisy(strength: float, seed: int) -> torch.Tensor:
    draws = torch.Generator().manual_seed(seed)
    return 128 + strength * torch.randn(SIDE, SIDE, 1, generator=draws).expand(-1, -1, 3)


def test_an_edge_is_no_texture() -> None:
    draws = torch.Generator().manual_seed(0)
    noise = 3 * torch.randn(1, 1, 64, 64, generator=draws)
    torch.testing.assert_close(
        robust_mean_square(noise, 16).mean(), torch.tensor(9.0), rtol=0.1, atol=0
    )
    edge = noise.clone()
    edge[..., 20:22] += 100
    assert robust_mean_square(edge, 16).max() < 16
    assert robust_mean_square(torch.zeros(1, 1, 64, 64), 16).max() == 0


def test_a_sample_says_what_a_result_lacks() -> None:
    flat = torch.full((SIDE, SIDE, 3), 128.0)
    features, missing = sample_of(flat, flat, noisy(5, 0))
    assert features.shape[2:] == missing.shape[2:] == (8, 8)
    fine, coarse = missing[0].mean((1, 2))
    assert 10 < fine < 25
    assert 2 < coarse < 10
    assert sample_of(flat, flat, flat).missing.max() == 0


def test_it_learns_where_detail_is_missing() -> None:
    """Bright crops lack much, dark ones little."""
    rows = []
    for number in range(24):
        bright = number % 2
        base = torch.full((SIDE, SIDE, 3), 60.0 + 120 * bright)
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
