from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.stand_ins.details import of_detail, telling
from vidrestore.config import RestoreConfig
from vidrestore.errors import ModelError
from vidrestore.restore.detail import (
    FEATURES,
    DetailNetwork,
    FineDetail,
)
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.loading import load_model

SHAPE = GpenShape((8, 8, 8, 8, 8), style_width=8, mapping_depth=1)
SIZE = SHAPE.size


@pytest.mark.parametrize("side", [SIZE, 2 * SIZE, 3 * SIZE])
def test_what_is_told_of_is_the_crop_of_twice_the_side(side: int) -> None:
    detail = of_detail(SIZE, 3.0, 5.0)
    luma = np.random.default_rng(0).uniform(0, 255, (side, side)).astype(np.float32)
    missing = detail.missing(luma, luma)
    assert missing.shape == (2, 2 * SIZE // 16, 2 * SIZE // 16)
    np.testing.assert_allclose(missing[0], 3.0, rtol=1e-4)
    np.testing.assert_allclose(missing[1], 5.0, rtol=1e-4)


def test_it_travels_in_the_weight_file_beside_a_gpen(tmp_path: Path) -> None:
    torch.manual_seed(0)
    file = tmp_path / "model.safetensors"
    write_checkpoint(Gpen(SHAPE).eval(), file, torch.float32, beside=[telling(2.0, 4.0)])
    checkpoint = read_checkpoint(file)
    assert checkpoint.build_confidence() is None
    read = checkpoint.build_detail()
    assert read is not None
    assert read.side == 2 * SIZE
    luma = np.zeros((SIZE, SIZE), np.float32)
    np.testing.assert_allclose(read.missing(luma, luma)[1], 4.0, rtol=1e-4)
    assert read.refinement_network is None
    large = np.zeros((2 * SIZE, 2 * SIZE), np.float32)
    assert read.refined_side is None
    assert not read.refinement(large, large, large, 1.0).any()
    config = RestoreConfig(model=str(file), precision="float32", device="cpu")
    assert load_model(config).detail is not None


def test_odd_tensors_are_refused() -> None:
    state = DetailNetwork().named()
    assert DetailNetwork.found({}, SIZE) is None
    missing = {name: value for name, value in state.items() if name != "detail.see.bias"}
    with pytest.raises(ModelError, match=r"detail\.see\.bias is missing or odd"):
        DetailNetwork.found(missing, SIZE)
    odd = state | {"detail.see.weight": state["detail.see.weight"][:4]}
    with pytest.raises(ModelError, match=r"detail\.see\.weight is missing or odd"):
        DetailNetwork.found(odd, SIZE)
    with pytest.raises(ModelError, match=r"detail\.other is missing or odd"):
        DetailNetwork.found(state | {"detail.other": torch.zeros(1)}, SIZE)
    with pytest.raises(ModelError, match="takes crops whose side 8 divides, not 4"):
        DetailNetwork.found(state, 4)


def test_lashes_and_brows_get_no_more_texture_than_skin() -> None:
    torch.manual_seed(0)
    network = telling(3.0, 5.0)
    logs = network(torch.zeros(1, FEATURES, 32, 32)).clone()
    logs[:, :, 12:14, 8:12] += 6.0  # an eye
    logs[:, :, 24:] -= 2.0  # a smooth collar
    network.forward = lambda features: logs  # type: ignore[method-assign]
    luma = np.zeros((512, 512), np.float32)
    missing = FineDetail(256, network).missing(luma, luma)
    for octave, skin in zip(missing, (3.0, 5.0), strict=True):
        np.testing.assert_allclose(octave[12:14, 8:12], 1.2 * skin, rtol=1e-4)
        np.testing.assert_allclose(octave[24:], skin * np.exp(-1.0), rtol=1e-4)
        np.testing.assert_allclose(octave[:12], skin, rtol=1e-4)
