from __future__ import annotations

import pytest
import torch

from training.networks.plain import PlainGpen, windows
from vidrestore.restore.gpen.shape import GpenShape

SHAPE = GpenShape((10, 10, 9, 8, 8), style_width=8, mapping_depth=1)


def pictures(side: int = 64, count: int = 6) -> torch.Tensor:
    """Smooth colour with some detail."""
    draws = torch.Generator().manual_seed(0)
    coarse = torch.rand(count, 3, side // 8, side // 8, generator=draws)
    smooth = torch.nn.functional.interpolate(coarse, size=side, mode="bicubic")
    return smooth * 1.6 - 0.8 + 0.1 * torch.randn(count, 3, side, side, generator=draws)


def plain(seed: int = 0) -> PlainGpen:
    torch.manual_seed(seed)
    network = PlainGpen(SHAPE)
    network.even_out(pictures())
    return network


@torch.no_grad()
def shake(network: PlainGpen) -> None:
    """Let every parameter that learns say something."""
    for parameter in network.parameters():
        if parameter.requires_grad:
            parameter.add_(0.2 * torch.randn_like(parameter))


def test_it_begins_as_the_identity() -> None:
    x = pictures()
    assert torch.equal(plain()(x), x)


def test_the_passage_is_exact() -> None:
    network = plain()
    shake(network)
    x = pictures()
    with torch.inference_mode():
        expected = network(x)
        passed = network.fold().eval()(x)
    assert (expected - x).abs().mean() > 0.05, "it does something"
    torch.testing.assert_close(passed, expected, rtol=0, atol=2e-4)


@torch.no_grad()
def test_every_layer_begins_at_strength_one() -> None:
    network, x = plain(), pictures()
    maps = [network.enter(x)]
    for block in network.encoder:
        linear = block.linear(maps[-1], block.bias)
        assert linear.mean((0, 2, 3)).abs().max() < 1e-4
        assert (linear.std((0, 2, 3)) - 1).abs().max() < 1e-4
        maps.append(block(maps[-1]))
    y = network.first(network.constant.expand(len(x), -1, -1, -1), maps[-1])
    for layer, encoded in ((network.doubling[0], maps[-2]), (network.refining[0], maps[-2])):
        linear = layer.linear(y, layer.weight, layer.bias)
        assert linear.mean((0, 2, 3)).abs().max() < 1e-4
        assert 0.5 < float(linear.std((0, 2, 3)).mean()) < 1.5
        y = layer(y, encoded)


def test_most_first_features_are_blind_to_brightness() -> None:
    network = plain()
    for weight in (network.encoder[0].weight[2:], network.refining[-1].weight[:, 8:]):
        assert weight.mean((2, 3)).abs().max() < 1e-5


@torch.no_grad()
@pytest.mark.parametrize("lowest", [1, 2])
def test_opening_up_changes_nothing_at_first(lowest: int) -> None:
    network, x = plain(), pictures()
    for to_rgb in list(network.to_rgb)[lowest:]:
        to_rgb.normal_()
    before = network(x, lowest)
    assert (before - x).abs().mean() > 0.05
    network.open_up(lowest, x)
    torch.testing.assert_close(network(x), before, rtol=0, atol=1e-5)


def test_a_patch_takes_the_octaves_it_can() -> None:
    x = pictures(8)
    assert plain()(x, 3).shape == x.shape


def test_too_narrow_a_network_cannot_carry_colour() -> None:
    with pytest.raises(ValueError, match="six"):
        PlainGpen(GpenShape((8, 8, 6), 4, 1))


@torch.inference_mode()
def test_windows_show_what_the_whole_picture_does() -> None:
    torch.manual_seed(1)
    network = PlainGpen(GpenShape((8, 8, 8, 8, 8, 8, 8), style_width=8, mapping_depth=0))
    x = pictures(256, 2)
    network.even_out(x)
    shake(network)
    corners, side = torch.tensor([[64, 32], [88, 120]]), (96, 128)
    seen = network.forward_windows(x, corners, side)
    expected = windows(network(x), corners, side, 1)
    margin = slice(24, -24)
    apart = (seen - expected)[..., margin, margin].abs().max()
    assert apart < 2e-3 * (expected - windows(x, corners, side, 1)).abs().max()


def test_only_octaves_above_32_px_learn_in_windows() -> None:
    network = PlainGpen(GpenShape((8, 8, 8, 8, 8, 8, 8), style_width=8, mapping_depth=0))
    with torch.no_grad():
        shake(network)
    network.forward_windows(pictures(256, 1), torch.tensor([[64, 64]]), (96, 128)).sum().backward()
    learned = {name for name, p in network.named_parameters() if p.grad is not None}
    assert "doubling.3.weight" in learned
    assert "encoder.1.weight" in learned
    assert not learned & {"doubling.2.weight", "encoder.3.weight", "constant", "to_rgb.3"}
