from __future__ import annotations

import numpy as np
import pytest
import torch

from vidrestore.config import RestoreConfig
from vidrestore.errors import DeviceError
from vidrestore.restore import GpenRestorer, load_restorer
from vidrestore.restore.catalogue import CATALOGUE
from vidrestore.restore.network import Gpen
from vidrestore.restore.shape import GpenShape

CPU = torch.device("cpu")


def restorer(batch: int, precision: torch.dtype = torch.float32) -> GpenRestorer:
    torch.manual_seed(3)
    network = Gpen(GpenShape((8, 8, 8, 8, 6), style_width=8, mapping_depth=1))
    for to_rgb in network.to_rgb:  # keep random outputs within the range of pictures
        to_rgb.conv.weight.data.mul_(0.1)
    return GpenRestorer(network, CPU, precision, batch)


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


def test_bfloat16_is_close_to_float32() -> None:
    source = crops(1, np.uint8)
    exact = restorer(1).restore(source).astype(int)
    rough = restorer(1, torch.bfloat16).restore(source).astype(int)
    assert np.abs(exact - rough).mean() < 3


@pytest.mark.parametrize("shape", [(1, 32, 32, 3), (64, 64, 3), (1, 3, 64, 64), (1, 64, 64, 4)])
def test_crops_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected"):
        restorer(1).restore(np.zeros(shape, np.uint8))


def test_samples_of_another_type_are_refused() -> None:
    with pytest.raises(ValueError, match="float64"):
        restorer(1).restore(np.zeros((1, 64, 64, 3)))


def test_a_batch_of_none_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        restorer(0)


def test_lack_of_memory_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    full = restorer(1)

    def fail(*_: object) -> torch.Tensor:
        raise torch.OutOfMemoryError("no")

    monkeypatch.setattr(full, "_network", fail)
    with pytest.raises(DeviceError, match=r"lower --restore\.batch"):
        full.restore(crops(1, np.uint8))


class Narrow:
    """A network whose device holds so many pictures at a time."""

    def __init__(self, holds: int) -> None:
        self.holds, self.taken = holds, []

    def __call__(self, pictures: torch.Tensor) -> torch.Tensor:
        if len(pictures) > self.holds:
            raise torch.OutOfMemoryError("no")
        self.taken.append(len(pictures))
        return -pictures


@pytest.mark.parametrize("count", [1, 5, 16, 19])
def test_lack_of_memory_halves_the_batch_and_drops_nothing(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = restorer(16)
    narrow = Narrow(3)
    monkeypatch.setattr(full, "_network", narrow)
    source = crops(count, np.uint8)
    assert np.array_equal(full.restore(source), 255 - source), "all of them, in order"
    assert sum(narrow.taken) == count
    assert full.batch == (2 if count > 3 else 16)
    assert len(full.warnings) == (count > 3)
    full.restore(crops(16, np.uint8))
    (warning,) = full.warnings
    assert "too little memory for" in warning


def test_the_default_model_loads_and_says_what_it_is() -> None:
    loaded = load_restorer(RestoreConfig(device="cpu", batch=3, precision="float32"))
    entry = CATALOGUE["default"]
    assert (loaded.name, loaded.sha256, loaded.size) == ("default", entry.sha256, entry.size)
    assert (loaded.batch, loaded.device_name, loaded.precision) == (3, "cpu", "float32")
    assert loaded.template == "gpen"
    gray = np.full((1, 256, 256, 3), 128, np.uint8)
    flat = loaded.restore(gray)
    assert np.abs(flat.astype(int) - 128).max() <= 2, "a flat picture has nothing to restore"
