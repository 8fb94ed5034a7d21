from __future__ import annotations

import torch

from training.networks.discriminator import Discriminator, fine_luma


def pictures(seed: int, count: int = 2, size: int = 32) -> torch.Tensor:
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def discriminator() -> Discriminator:
    torch.manual_seed(0)
    return Discriminator(4).eval()


@torch.inference_mode()
def test_every_place_has_a_score_that_knows_its_neighbourhood_alone() -> None:
    network, picture, worn = discriminator(), pictures(1, size=64), pictures(2, size=64)
    scores = network(picture, worn)
    assert scores.shape == (2, 16, 16)
    other = picture.clone()
    other[..., :4, :4] *= 0.5
    changed = network(other, worn) != scores
    assert changed[:, 0, 0].all()
    assert not changed[:, 6:].any()
    assert not changed[:, :, 6:].any()


@torch.inference_mode()
def test_both_pictures_matter() -> None:
    network = discriminator()
    scores = network(pictures(1), pictures(2))
    assert not torch.allclose(scores, network(pictures(3), pictures(2)), atol=1e-4)
    assert not torch.allclose(scores, network(pictures(1), pictures(3)), atol=1e-4)


@torch.inference_mode()
def test_brightness_and_colour_are_not_judged() -> None:
    network, picture, worn = discriminator(), 0.5 * pictures(1), pictures(2)
    brighter = picture + 0.2
    coloured = picture + torch.tensor([0.1, -0.0299 / 0.587, 0.0])[:, None, None]
    for other in (brighter, coloured):
        torch.testing.assert_close(network(other, worn), network(picture, worn))


def test_layers_do_not_exaggerate() -> None:
    network = discriminator().train()
    with torch.no_grad():
        for layer in network.layers:
            layer.parametrizations.weight.original.mul_(50)
        for _ in range(30):
            network(pictures(1), pictures(2))
    for layer in network.layers:
        kernel = layer.weight.detach().flatten(1)
        assert float(torch.linalg.matrix_norm(kernel, 2)) < 1.05


@torch.inference_mode()
def test_fine_luma_is_all_that_is_finer_than_four_px() -> None:
    checked = torch.ones(1, 3, 32, 32)
    checked[..., ::2] = -1
    torch.testing.assert_close(fine_luma(checked), checked[:, :1])
    slope = torch.linspace(-1, 1, 32).expand(1, 3, 32, 32)
    assert fine_luma(slope)[..., 4:-4].abs().max() < 1e-5
