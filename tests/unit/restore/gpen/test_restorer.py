from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.stand_ins.devices import needs_bfloat16
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.restorer import gpen_restorer
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.running.device import Precision
from vidrestore.restore.running.restorer import FaceRestorer

CPU = torch.device("cpu")


def restorer(batch: int, precision: Precision = Precision.FLOAT32) -> FaceRestorer:
    torch.manual_seed(3)
    network = Gpen(GpenShape((8, 8, 8, 8, 6), style_width=8, mapping_depth=1))
    for to_rgb in network.to_rgb:  # keep random outputs within the range of pictures
        to_rgb.conv.weight.data.mul_(0.1)
    return gpen_restorer(network, CPU, precision, batch)


def crops(count: int, dtype: type, side: int = 64) -> np.ndarray:
    random = np.random.default_rng(1)
    return random.integers(0, np.iinfo(dtype).max, (count, side, side, 3), dtype, endpoint=True)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_results_do_not_depend_on_the_batch(dtype: type) -> None:
    source = crops(5, dtype)
    together = restorer(8).restore(source)
    assert together.shape == source.shape
    assert together.dtype == source.dtype
    for batch in (1, 2, 3):
        apart = restorer(batch).restore(source)
        difference = np.abs(apart.astype(np.int64) - together.astype(np.int64))
        assert difference.max() <= 1
        assert (difference > 0).mean() < 1e-3


def test_both_depths_tell_the_same_picture() -> None:
    source = crops(1, np.uint8)
    fine = restorer(1).restore(source.astype(np.uint16) * 257)
    coarse = restorer(1).restore(source)
    assert np.abs(fine / 257.0 - coarse).max() <= 0.5 + 1e-3


def test_the_source_is_not_changed_and_may_be_read_only() -> None:
    source = crops(2, np.uint8)
    before = source.copy()
    source.flags.writeable = False
    result = restorer(2).restore(source)
    assert np.array_equal(source, before)
    assert result.flags.writeable


def test_strided_crops_are_the_same_crops() -> None:
    source = crops(4, np.uint8)
    whole = restorer(2)
    assert np.array_equal(whole.restore(source[::2]), whole.restore(source[::2].copy()))


def test_no_crops_give_none() -> None:
    assert restorer(4).restore(crops(0, np.uint8)).shape == (0, 64, 64, 3)


@needs_bfloat16
def test_bfloat16_is_close_to_float32() -> None:
    source = crops(1, np.uint8)
    exact = restorer(1).restore(source).astype(int)
    rough = restorer(1, Precision.BFLOAT16).restore(source).astype(int)
    assert np.abs(exact - rough).mean() < 3


@needs_bfloat16
def test_the_network_is_left_as_it_is() -> None:
    network = Gpen(GpenShape((4, 4, 4), style_width=4, mapping_depth=1))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    gpen_restorer(network, CPU, Precision.BFLOAT16, 1)
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
