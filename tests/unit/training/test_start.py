"""Networks that are built to begin with, before they are trained."""

from __future__ import annotations

import pytest
import torch

from training.filters import bank_features, start_with_filters
from training.identity import hold_copy, start_as_identity
from training.local import cut_off, restore_patches
from vidrestore.restore.network import Gpen, double
from vidrestore.restore.shape import GpenShape

SMALL = GpenShape((128, 128, 128, 64, 32, 16), style_width=16, mapping_depth=1)


def picture() -> torch.Tensor:
    return torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.mark.parametrize("start", [start_as_identity, start_with_filters])
def test_a_start_returns_its_input(start: object) -> None:
    network = Gpen(SMALL)
    start(network)  # type: ignore[operator]
    with torch.inference_mode():
        error = (network(picture()) - picture()).square().mean()
    psnr = 10 * torch.log10(4 / error)
    assert psnr > 50


def test_too_narrow_a_network_cannot_carry_colour() -> None:
    with pytest.raises(ValueError, match="six"):
        start_as_identity(Gpen(GpenShape((8, 8, 4), 4, 1)))


def test_what_copies_is_held() -> None:
    network = Gpen(SMALL)
    start_as_identity(network)
    before = network.to_rgb[-1].conv.weight[:, 16:22].clone()
    optimiser = torch.optim.SGD(network.parameters(), 1e-3)
    network(picture()).square().sum().backward()
    hold_copy(network)
    optimiser.step()
    assert torch.equal(network.to_rgb[-1].conv.weight[:, 16:22], before)
    assert network.to_rgb[-1].conv.weight[:, :16].abs().max() > 0


def test_the_bank_is_what_the_network_shows() -> None:
    network = Gpen(SMALL)
    start_with_filters(network)
    _, outputs, colours = bank_features(network, picture())
    generator = torch.Generator().manual_seed(1)
    expected = picture()
    for octave, (output, shown) in enumerate(zip(outputs, colours, strict=True), start=1):
        weights = torch.randn(output.shape[1], generator=generator)
        with torch.no_grad():
            network.to_rgb[-octave].conv.modulation.bias[: len(weights)] = weights
        added = torch.einsum("nkhw,ck,k->nchw", output, shown, weights)
        for _ in range(octave - 1):
            added = double(added)
        expected = expected + added
    with torch.inference_mode():
        difference = (network(picture()) - expected).abs().max()
    assert difference < 1e-4


def test_patches_see_the_same_network() -> None:
    torch.manual_seed(2)
    network = Gpen(SMALL)
    start_as_identity(network)
    cut_off(network, 32)
    with torch.inference_mode():
        for to_rgb in list(network.to_rgb)[3:]:
            to_rgb.conv.weight.add_(torch.randn_like(to_rgb.conv.weight))
        whole, patch = network(picture()), restore_patches(network, picture(), 32)
    torch.testing.assert_close(patch, whole, rtol=0, atol=1e-4)
    with pytest.raises(ValueError, match="no octave of 4 px"):
        cut_off(network, 4)
