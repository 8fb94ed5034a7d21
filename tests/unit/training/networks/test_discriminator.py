from __future__ import annotations

import pytest
import torch

from training.networks.discriminator import Conv, Discriminator, DiscriminatorShape, with_spread


def pictures(seed: int, count: int = 4, size: int = 32) -> torch.Tensor:
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_it_scores_every_picture() -> None:
    network = Discriminator(DiscriminatorShape(32, 0.02))
    assert network(pictures(1), pictures(2)).shape == (4,)


@pytest.mark.parametrize("conditional", [True, False])
def test_the_worn_picture_matters_only_if_it_is_shown(conditional: bool) -> None:
    network = Discriminator(DiscriminatorShape(16, 0.02, conditional))
    scores = [network(pictures(1, size=16), pictures(seed, size=16)) for seed in (2, 3)]
    assert torch.equal(*scores) is not conditional


@pytest.mark.parametrize("width", [8, 200])
def test_a_convolution_keeps_the_strength_of_its_input_at_any_width(width: int) -> None:
    torch.manual_seed(3)
    with torch.no_grad():
        y = Conv(width, 64, 3)(torch.randn(2, width, 32, 32))
    assert 0.8 < float(y.square().mean().sqrt()) < 1.2


def test_widths_follow_the_paper_scaled() -> None:
    assert DiscriminatorShape(256, 1.0).channels() == (64, 128, 256, 512, 512, 512, 512)
    assert DiscriminatorShape(64, 0.25).channels() == (64, 128, 128, 128, 128)


def test_spread_tells_equal_pictures_from_different_ones() -> None:
    features = torch.randn(8, 5, 4, 4, generator=torch.Generator().manual_seed(0))
    same = features[:1].expand(8, -1, -1, -1)
    different = with_spread(features)[:, -1]
    assert with_spread(same)[:, -1].max() < 1e-3
    assert different.min() > 0.5
    assert with_spread(features[:3]).shape == (3, 6, 4, 4)
    assert with_spread(features[:1])[:, -1].max() < 1e-3


@pytest.mark.parametrize(("size", "width"), [(4, 1.0), (48, 1.0), (32, 0.0)])
def test_impossible_shapes_are_refused(size: int, width: float) -> None:
    with pytest.raises(ValueError, match=r"size|width"):
        DiscriminatorShape(size, width)
