from __future__ import annotations

import pytest
import torch

from vidrestore.restore.gpen.batched import BatchedGpen
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape

CPU = torch.device("cpu")
# Every layer rounds; what a dozen of independent ones add up to is a few times one of them.
ROUNDINGS = 8


def network() -> Gpen:
    torch.manual_seed(2)
    made = Gpen(GpenShape((8, 7, 6, 5), style_width=9, mapping_depth=2)).eval()
    for layer in (made.first, *made.doubling, *made.refining):
        torch.nn.init.normal_(layer.map_weight)
        torch.nn.init.normal_(layer.bias)
    return made.requires_grad_(False)


def pictures(count: int) -> torch.Tensor:
    torch.manual_seed(4)
    return torch.rand(count, 3, 32, 32) * 2 - 1


def test_each_picture_gets_its_own_style() -> None:
    source = pictures(4)
    batched = BatchedGpen(network(), CPU, torch.float32)
    with torch.inference_mode():
        together, wanted = batched(source), network()(source)
        alone = torch.cat([batched(source[i : i + 1]) for i in range(4)])
    assert (together - wanted).abs().max() < 1e-4 * wanted.abs().max()
    assert (together - alone).abs().max() < 1e-5 * wanted.abs().max()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_rougher_numbers_stay_close(dtype: torch.dtype) -> None:
    source, exact = pictures(2), network()
    with torch.inference_mode():
        wanted = exact(source)
        error = BatchedGpen(exact, CPU, dtype)(source) - wanted
    assert error.square().mean().sqrt() < ROUNDINGS * torch.finfo(dtype).eps * wanted.std()


def test_strong_styles_stay_within_float16() -> None:
    """Maps times such styles would exceed 65504; the demodulated result does not depend on them."""
    mild, strong = network(), network()
    for layer in (strong.first, *strong.doubling, *strong.refining):
        layer.conv.modulation.weight.data.mul_(1e6)
        layer.conv.modulation.bias.data.mul_(1e6)
    source = pictures(2)
    with torch.inference_mode():
        wanted = BatchedGpen(mild, CPU, torch.float32)(source)
        exact = BatchedGpen(strong, CPU, torch.float32)(source)
        rough = BatchedGpen(strong, CPU, torch.float16)(source)
    assert (exact - wanted).abs().max() < 1e-4 * wanted.std()
    assert (rough - wanted).square().mean().sqrt() < ROUNDINGS * torch.finfo(
        torch.float16
    ).eps * wanted.std()


def test_the_network_is_left_as_it_is() -> None:
    source = network()
    before = {name: value.clone() for name, value in source.state_dict().items()}
    BatchedGpen(source, CPU, torch.float16)
    assert all(torch.equal(value, before[name]) for name, value in source.state_dict().items())
