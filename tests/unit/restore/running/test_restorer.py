"""What all restorers share, shown by one of a few lines."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vidrestore.datatypes import Image
from vidrestore.errors import DeviceError
from vidrestore.restore.running.restorer import BatchRestorer, as_device_full

CPU = torch.device("cpu")


class Narrow(BatchRestorer):
    """Inverts as many crops at a time as its memory holds."""

    def __init__(self, batch: int, holds: int) -> None:
        super().__init__(8, CPU, "float32", batch)
        self.holds, self.taken = holds, []

    def _restore_batch(self, crops: Image) -> Image:
        if len(crops) > self.holds:
            raise torch.OutOfMemoryError("no")
        self.taken.append(len(crops))
        return np.iinfo(crops.dtype).max - crops


def crops(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 8, 8, 3), np.uint8)


@pytest.mark.parametrize("count", [1, 5, 16, 19])
def test_lack_of_memory_halves_the_batch_and_drops_nothing(count: int) -> None:
    narrow, source = Narrow(16, 3), crops(count)
    assert np.array_equal(narrow.restore(source), 255 - source), "all of them, in order"
    assert sum(narrow.taken) == count
    assert narrow.batch == (2 if count > 3 else 16)
    assert len(narrow.warnings) == (count > 3)
    narrow.restore(crops(16))
    (warning,) = narrow.warnings
    assert "cpu has too little memory for" in warning


def test_lack_of_memory_for_a_single_crop_is_one_line() -> None:
    with pytest.raises(DeviceError, match=r"1 faces at a time; lower restore\.batch"):
        Narrow(4, 0).restore(crops(2))
    with pytest.raises(DeviceError, match="2 faces at a time"), as_device_full(CPU, 2):
        raise torch.OutOfMemoryError("no")


@pytest.mark.parametrize("shape", [(1, 4, 4, 3), (8, 8, 3), (1, 3, 8, 8), (1, 8, 8, 4)])
def test_crops_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected \(N, 8, 8, 3\)"):
        Narrow(1, 1).restore(np.zeros(shape, np.uint8))


def test_samples_of_another_type_are_refused() -> None:
    with pytest.raises(ValueError, match="float64"):
        Narrow(1, 1).restore(np.zeros((1, 8, 8, 3)))


def test_a_batch_of_none_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Narrow(0, 1)


def test_it_says_what_it_is() -> None:
    made = Narrow(3, 1)
    told = (made.size, made.batch, made.device_name, made.precision, made.warnings)
    assert told == (8, 3, "cpu", "float32", ())
