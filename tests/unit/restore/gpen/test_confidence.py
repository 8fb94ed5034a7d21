from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from vidrestore.config import RestoreConfig
from vidrestore.errors import ModelError
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.gpen.confidence import (
    Cautious,
    Confidence,
    luma,
    shared,
)
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.restorer import gpen_restorer
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.loading import load_model
from vidrestore.restore.running.device import Precision

CPU = torch.device("cpu")
SIZE = 64
SHAPE = GpenShape((8, 8, 8, 8, 8), style_width=8, mapping_depth=1)


def confidence(share: float | None = None) -> Confidence:
    """One that tells the same everywhere, or, without a share, whatever random weights tell."""
    torch.manual_seed(1)
    network = Confidence()
    if share is not None:
        torch.nn.init.zeros_(network.tell.weight)
        with torch.no_grad():
            logit = torch.logit(torch.tensor(share), eps=1e-12)
            network.tell.bias.copy_(torch.tensor([logit, 0.0]))
    return network.eval().requires_grad_(False)


def pictures(count: int = 3) -> Tensor:
    return torch.rand(count, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0)) * 2 - 1


def brighter(x: Tensor) -> Tensor:
    return x + 0.2


def cautious(own: Confidence) -> Cautious:
    return Cautious(brighter, own, CPU)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_share_that_is_told_is_taken(share: float) -> None:
    x = pictures()
    result = cautious(confidence(share))(x)
    torch.testing.assert_close(result, x + 0.2 * share, rtol=0, atol=1e-5)


def test_a_result_depends_on_its_own_crop_alone() -> None:
    x, form = pictures(), cautious(confidence())
    together = form(x)
    for place in range(len(x)):
        assert torch.equal(form(x[place : place + 1])[0], together[place])


def test_shares_go_over_into_one_another() -> None:
    cells = torch.zeros(1, 1, SIZE // 8, SIZE // 8)
    cells[..., : SIZE // 16] = 1.0
    x = pictures(1)
    taken = (shared(x, x + 1.0, cells) - x)[0, 0, 0]
    assert (taken[:24] > 0.999).all()
    assert (taken[-24:] < 0.001).all()
    assert (taken.diff() <= 1e-6).all()
    assert taken.diff().abs().max() < 0.2


def test_luma_is_that_of_bt601() -> None:
    white = torch.ones(1, 3, 2, 2)
    torch.testing.assert_close(luma(white), torch.ones(1, 1, 2, 2))


def test_it_travels_in_the_weight_file_beside_a_gpen(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network, own, file = Gpen(SHAPE).eval(), confidence(), tmp_path / "model.safetensors"
    write_checkpoint(network, file, torch.float32, beside=[own])
    checkpoint = read_checkpoint(file)
    read = checkpoint.build_confidence()
    assert read is not None
    x, y = pictures(2)
    for mine, theirs in zip(read(x[None], y[None]), own(x[None], y[None]), strict=True):
        torch.testing.assert_close(mine, theirs)
    with torch.inference_mode():
        torch.testing.assert_close(checkpoint.build()(x[None]), network(x[None]))


def test_a_gpen_without_one_is_as_it_was(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network, file = Gpen(SHAPE).eval(), tmp_path / "model.safetensors"
    write_checkpoint(network, file)
    assert read_checkpoint(file).build_confidence() is None


def test_a_model_is_loaded_with_its_confidence(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network, file = Gpen(SHAPE).eval(), tmp_path / "model.safetensors"
    write_checkpoint(network, file, beside=[confidence(0.0)])
    crops = np.random.default_rng(0).integers(0, 256, (2, SIZE, SIZE, 3), np.uint8)
    config = RestoreConfig(model=str(file), precision="float32", device="cpu")
    np.testing.assert_array_equal(load_model(config).restorer.restore(crops), crops)


def test_odd_tensors_are_refused(tmp_path: Path) -> None:
    state = confidence().named()
    assert Confidence.found({}, SIZE) is None
    missing = {name: value for name, value in state.items() if name != "confidence.tell.bias"}
    with pytest.raises(ModelError, match=r"confidence\.tell\.bias is missing or odd"):
        Confidence.found(missing, SIZE)
    odd = state | {"confidence.see.weight": state["confidence.see.weight"][:4]}
    with pytest.raises(ModelError, match=r"confidence\.see\.weight is missing or odd"):
        Confidence.found(odd, SIZE)
    with pytest.raises(ModelError, match="takes crops whose side 16 divides, not 8"):
        Confidence.found(state, 8)
    file = tmp_path / "model.safetensors"
    write_checkpoint(Gpen(GpenShape((8, 8), style_width=8, mapping_depth=1)), file)
    assert read_checkpoint(file).build_confidence() is None


def test_a_restorer_is_as_cautious_as_it_is_told() -> None:
    torch.manual_seed(0)
    network = Gpen(SHAPE).eval()
    crops = np.random.default_rng(0).integers(0, 256, (2, SIZE, SIZE, 3), np.uint8)

    def restored(own: Confidence | None) -> np.ndarray:
        return gpen_restorer(network, CPU, Precision.FLOAT32, 2, own).restore(crops)

    np.testing.assert_array_equal(restored(confidence(1.0)), restored(None))
    np.testing.assert_array_equal(restored(confidence(0.0)), crops)
