from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.stand_ins.texture import telling
from vidrestore.config import RestoreConfig
from vidrestore.errors import ModelError
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.loading import load_model
from vidrestore.restore.texture import (
    MissingDetail,
    Strength,
    features_of,
    luma_of,
    octaves,
    strength_of,
)

SHAPE = GpenShape((8, 8, 8, 8, 8), style_width=8, mapping_depth=1)
SIZE = SHAPE.size


def test_an_octave_is_what_halving_takes_away() -> None:
    fine = torch.zeros(1, 1, 64, 64)
    fine[..., ::2] = 8.0  # the finest there is
    first, second = octaves(fine, 2)
    assert first.shape[-1] == 64
    assert second.shape[-1] == 32
    torch.testing.assert_close(first[..., 2:-2].abs(), torch.full((1, 1, 64, 60), 4.0))
    assert second.abs().max() < 1e-6
    flat = torch.full((1, 1, 64, 64), 90.0)
    assert all(band.abs().max() == 0 for band in octaves(flat, 2))


def test_luma_is_that_of_bt601() -> None:
    green = torch.tensor([[[[0, 200, 0]]]], dtype=torch.uint8)
    assert float(luma_of(green)) == pytest.approx(0.587 * 200)


def test_features_are_finite_where_nothing_is_to_be_seen() -> None:
    flat = torch.zeros(1, 1, 128, 128)
    features = features_of(flat, flat)
    assert features.shape == (1, 21, 8, 8)
    assert features.isfinite().all()
    assert Strength()(features).shape == (1, 2, 8, 8)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("side", [SIZE, 2 * SIZE])
def test_strengths_are_levels_whatever_a_crop_is_made_of(side: int, dtype: type) -> None:
    missing = MissingDetail(telling(3.0, 5.0), SIZE)
    crop = np.random.default_rng(0).integers(0, 256, (side, side, 3)).astype(dtype)
    crop = crop * dtype(1 if dtype is np.uint8 else 257)
    strengths = missing(crop, crop)
    assert strengths.shape == (2, 2 * SIZE // 16, 2 * SIZE // 16)
    np.testing.assert_allclose(strengths[0], 3.0, rtol=1e-4)
    np.testing.assert_allclose(strengths[1], 5.0, rtol=1e-4)


def test_deep_crops_look_as_those_of_eight_bits() -> None:
    torch.manual_seed(0)
    missing = MissingDetail(Strength().eval(), SIZE)
    crop = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), np.uint8)
    deep = crop.astype(np.uint16) * np.uint16(257)
    np.testing.assert_allclose(missing(crop, crop), missing(deep, deep), rtol=1e-4)


def test_it_travels_in_the_weight_file_beside_a_gpen(tmp_path: Path) -> None:
    torch.manual_seed(0)
    file = tmp_path / "model.safetensors"
    write_checkpoint(Gpen(SHAPE).eval(), file, torch.float32, texture=telling(2.0, 4.0))
    checkpoint = read_checkpoint(file)
    assert checkpoint.build_confidence() is None
    read = checkpoint.build_texture()
    assert read is not None
    assert read.side == 2 * SIZE
    crop = np.zeros((SIZE, SIZE, 3), np.uint8)
    np.testing.assert_allclose(read(crop, crop)[1], 4.0, rtol=1e-4)
    config = RestoreConfig(model=str(file), precision="float32", device="cpu")
    assert load_model(config).missing is not None


def test_odd_tensors_are_refused(tmp_path: Path) -> None:
    state = Strength().state_dict()
    assert strength_of({}) is None
    with pytest.raises(ModelError, match=r"texture\.see\.bias is missing or odd"):
        strength_of({name: value for name, value in state.items() if name != "see.bias"})
    with pytest.raises(ModelError, match=r"texture\.see\.weight is missing or odd"):
        strength_of({**state, "see.weight": state["see.weight"][:4]})
    with pytest.raises(ModelError, match=r"texture\.other is missing or odd"):
        strength_of({**state, "other": torch.zeros(1)})
