"""The network that is built to begin with, before it is trained."""

from __future__ import annotations

import pytest
import torch

from training.networks.identity import start_as_identity
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape

SMALL = GpenShape((128, 128, 128, 64, 32, 16), style_width=16, mapping_depth=1)


def picture() -> torch.Tensor:
    return torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_the_start_returns_its_input() -> None:
    network = Gpen(SMALL)
    start_as_identity(network)
    with torch.inference_mode():
        error = (network(picture()) - picture()).square().mean()
    psnr = 10 * torch.log10(4 / error)
    assert psnr > 50


def test_too_narrow_a_network_cannot_carry_colour() -> None:
    with pytest.raises(ValueError, match="six"):
        start_as_identity(Gpen(GpenShape((8, 8, 4), 4, 1)))
