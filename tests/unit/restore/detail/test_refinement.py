from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.stand_ins.details import amplifying, telling
from vidrestore.errors import ModelError
from vidrestore.restore.detail import (
    BANDS,
    KNOWN,
    PARTS,
    STRENGTHS,
    FineDetail,
    Refinable,
    RefinementNetwork,
)
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape

SHAPE = GpenShape((8, 8, 8, 8, 8), style_width=8, mapping_depth=1)
SIDE = 2 * SHAPE.size
ONES = np.ones(BANDS, np.float32)


def untrained(seed: int = 0) -> FineDetail:
    torch.manual_seed(seed)
    return FineDetail(SHAPE.size, refinement=RefinementNetwork().eval())


def noise(seed: int, level: float = 128.0) -> np.ndarray:
    draws = np.random.default_rng(seed).normal(level, 20, (SIDE, SIDE)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(draws, (0, 0), 1.0), np.float32)


def crop(seed: int, pixel: float = 1.0) -> Refinable:
    return Refinable.of(noise(seed), noise(seed + 1), noise(seed + 2), pixel)


@given(st.integers(0, 50), st.floats(-40, 40))
def test_light_takes_no_part_and_gets_none(seed: int, brighter: float) -> None:
    """Whatever the weights: cells of what is added have no mean to speak of."""
    own, base, result = noise(seed), noise(seed + 1), noise(seed + 2)
    given_ = untrained(seed).refinement(own, base, result, 1.0)
    assert np.abs(given_).max() > 0
    assert abs(float(given_.mean())) <= 0.05 * float(np.abs(given_).max())
    alike = untrained(seed).refinement(own + brighter, base + brighter, result + brighter, 1.0)
    np.testing.assert_allclose(alike, given_, atol=0.02)


def test_bands_add_up_to_all_that_is_finer_than_the_coarsest() -> None:
    """But for what is lost where coarse bands are kept small."""
    face = crop(0)
    luma = noise(2)
    whole = luma - cv2.GaussianBlur(luma, (0, 0), 8.0)
    apart = (face.result.summed(ONES) - whole)[32:-32, 32:-32]
    assert float(apart.std()) < 0.2 * float(whole.std())


@pytest.mark.parametrize("part", range(PARTS))
def test_gains_amplify_one_part(part: int) -> None:
    own, base, result = noise(0), noise(1), noise(2)
    of_part = (result, result - base, own - base)[part]
    detail = FineDetail(SHAPE.size, refinement=amplifying(0.5, part))
    given_ = detail.refinement(own, base, result, 1.0)
    wanted = 0.5 * (of_part - cv2.GaussianBlur(of_part, (0, 0), 8.0))
    apart = (given_ - wanted)[32:-32, 32:-32]
    assert float(apart.std()) < 0.2 * float(wanted.std())


def test_a_frame_that_stands_alone_has_nothing_of_its_own() -> None:
    luma = noise(0)
    face = Refinable.of(luma, luma, noise(1), 1.0)
    assert not face.alone.summed(ONES).any()
    assert np.isfinite(face.known()).all()


def test_what_is_known_tells_contrast_size_and_likeness() -> None:
    known = crop(0).known()
    assert known.shape == (KNOWN,)
    doubled = Refinable.of(*(2 * noise(seed) for seed in range(3)), 1.0).known()
    np.testing.assert_allclose((doubled - known)[:4], 2 * np.log(2), atol=0.02)
    np.testing.assert_allclose(doubled[STRENGTHS:], known[STRENGTHS:], atol=0.03)
    smaller = Refinable.of(*(noise(seed) for seed in range(3)), 2.0).known()
    np.testing.assert_allclose(smaller[:-1], known[:-1])
    assert smaller[-1] - known[-1] == 1.0
    same = Refinable.of(noise(0), noise(1), noise(1) + noise(2), 1.0).known()
    assert np.abs(same[STRENGTHS:-1]).max() <= 1.001


def test_flat_crops_stay() -> None:
    gray = np.full((SIDE, SIDE), 90.0, np.float32)
    np.testing.assert_allclose(untrained().refinement(gray, gray, gray, 1.0), 0.0, atol=1e-3)


def test_it_travels_in_the_weight_file_beside_a_gpen(tmp_path: Path) -> None:
    torch.manual_seed(0)
    file = tmp_path / "model.safetensors"
    network = RefinementNetwork().eval()
    write_checkpoint(Gpen(SHAPE).eval(), file, torch.float32, beside=[telling(2.0, 4.0), network])
    read = read_checkpoint(file).build_detail()
    assert read is not None
    assert read.refined_side == SIDE
    lumas = noise(0), noise(1), noise(2)
    written = FineDetail(SHAPE.size, refinement=network)
    np.testing.assert_array_equal(read.refinement(*lumas, 1.0), written.refinement(*lumas, 1.0))
    np.testing.assert_allclose(read.missing(lumas[0], lumas[0])[0], 2.0, rtol=1e-4)


def test_odd_tensors_are_refused() -> None:
    state = RefinementNetwork().named()
    missing = {name: value for name, value in state.items() if name != "refinement.see.bias"}
    with pytest.raises(ModelError, match=r"refinement\.see\.bias is missing or odd"):
        RefinementNetwork.found(missing, SHAPE.size)
    with pytest.raises(ModelError, match="takes crops whose side 32 divides, not 16"):
        RefinementNetwork.found(state, 16)
