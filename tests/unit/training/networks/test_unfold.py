from __future__ import annotations

import pytest
import torch

from tests.unit.training.networks.test_plain import SHAPE, pictures, plain, shake
from training.networks.unfold import grow, unfold
from vidrestore.restore.gpen.network import Gpen


@torch.no_grad()
def learned() -> torch.nn.Module:
    network = plain()
    shake(network)
    return network


@torch.inference_mode()
def test_unfolding_undoes_folding() -> None:
    network, x = learned(), pictures()
    again = unfold(network.fold().eval(), pictures(count=3))
    expected = network(x)
    assert (expected - x).abs().mean() > 0.05, "it does something"
    torch.testing.assert_close(again(x), expected, rtol=0, atol=5e-4)
    torch.testing.assert_close(again.fold()(x), expected, rtol=0, atol=5e-4)


@torch.inference_mode()
def test_own_features_come_back_at_strength_one() -> None:
    x = pictures()
    again = unfold(learned().fold().eval(), x)
    maps = [again.enter(x)]
    for block in again.encoder:
        maps.append(block(maps[-1]))
    start = again.constant.expand(len(x), -1, -1, -1)
    y = again.first(start, maps.pop())
    for doubling, refining in zip(again.doubling, again.refining, strict=True):
        encoded = maps.pop()
        for layer in (doubling, refining):
            spread = layer.linear(y, layer.weight).std((0, 2, 3))
            torch.testing.assert_close(spread, torch.ones_like(spread), rtol=0, atol=0.05)
            y = layer(y, encoded)


def test_a_style_that_depends_on_the_picture_is_refused() -> None:
    torch.manual_seed(0)
    with pytest.raises(ValueError, match="style"):
        unfold(Gpen(SHAPE), pictures())
    network = plain().fold()
    with torch.no_grad():
        network.encoder[0].weight[0] *= 2
    with pytest.raises(ValueError, match="carry"):
        unfold(network, pictures())


@torch.inference_mode()
def test_a_grown_network_does_at_twice_the_size_what_it_did() -> None:
    network, large = learned(), pictures(128, 4)
    grown = grow(network, 9, large)
    half = torch.nn.functional.avg_pool2d(large, 2)
    change, expected = grown(large) - large, network(half) - half
    assert change.shape == large.shape
    smaller = torch.nn.functional.avg_pool2d(change, 2)
    apart = (smaller - expected).square().mean() / expected.square().mean()
    assert apart < 0.05, "both halve and double the picture by filters of their own"
    assert torch.equal(grown.to_rgb[-1], torch.zeros(3, 18))
