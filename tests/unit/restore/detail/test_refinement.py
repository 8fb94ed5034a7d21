from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.stand_ins.details import adding, telling
from vidrestore.errors import ModelError
from vidrestore.restore.detail import (
    FineDetail,
    RefinementNetwork,
    without_means,
)
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape

SHAPE = GpenShape((8, 8, 8, 8, 8), style_width=8, mapping_depth=1)
SIDE = 2 * SHAPE.size


def untrained(seed: int = 0) -> FineDetail:
    torch.manual_seed(seed)
    return FineDetail(SHAPE.size, refinement=RefinementNetwork().eval())


def noise(seed: int, level: float = 128.0) -> np.ndarray:
    draws = np.random.default_rng(seed).normal(level, 20, (SIDE, SIDE))
    return draws.clip(0, 255).astype(np.float32)


def test_a_plane_less_its_means_has_none() -> None:
    luma = torch.from_numpy(noise(0))[None, None]
    assert without_means(luma).mean().abs() < 0.5
    slope = torch.linspace(0, 255, SIDE).expand(1, 1, SIDE, SIDE)
    assert without_means(slope)[..., 16:-16].abs().max() < 1e-3


@given(st.integers(0, 50), st.floats(-40, 40))
def test_light_takes_no_part_and_gets_none(seed: int, brighter: float) -> None:
    """Whatever the weights: cells of what is added have no mean to speak of."""
    base, result = noise(seed), noise(seed + 1)
    given_ = untrained(seed).refinement(base, result)
    cells = given_.reshape(SIDE // 16, 16, SIDE // 16, 16).mean((1, 3))
    assert np.abs(cells).max() <= 0.3 * np.abs(given_).max()
    alike = untrained(seed).refinement(base + brighter, result + brighter)
    np.testing.assert_allclose(alike, given_, atol=0.02)


def test_a_part_of_a_crop_is_refined_as_in_the_whole() -> None:
    """Training looks at parts of crops; only what lies at their border is seen otherwise."""
    network = untrained().refinement_network
    assert network is not None
    draws = np.random.default_rng(1).normal(128, 20, (2, 1, 1, 256, 256)).astype(np.float32)
    base, result = torch.from_numpy(draws)
    corner, inner = np.s_[..., 64:192, 64:192], np.s_[..., 48:80, 48:80]
    with torch.inference_mode():
        whole = network(base, result)[corner][inner]
        part = network(base[corner], result[corner])[inner]
    assert whole.std() > 0
    np.testing.assert_allclose(part, whole, atol=1e-4)


def test_it_travels_in_the_weight_file_beside_a_gpen(tmp_path: Path) -> None:
    torch.manual_seed(0)
    file = tmp_path / "model.safetensors"
    write_checkpoint(
        Gpen(SHAPE).eval(), file, torch.float32, beside=[telling(2.0, 4.0), adding(6.0)]
    )
    read = read_checkpoint(file).build_detail()
    assert read is not None
    luma = np.full((SIDE, SIDE), 90.0, np.float32)
    added = read.refinement(luma, luma)
    np.testing.assert_allclose(added[:, ::2], 6.0, atol=1e-4)
    np.testing.assert_allclose(added[:, 1::2], -6.0, atol=1e-4)
    np.testing.assert_allclose(read.missing(luma, luma)[0], 2.0, rtol=1e-4)


def test_odd_tensors_are_refused() -> None:
    state = RefinementNetwork().named()
    missing = {name: value for name, value in state.items() if name != "refinement.see.bias"}
    with pytest.raises(ModelError, match=r"refinement\.see\.bias is missing or odd"):
        RefinementNetwork.found(missing, SHAPE.size)
    with pytest.raises(ModelError, match="takes crops whose side 8 divides, not 4"):
        RefinementNetwork.found(state, 4)
