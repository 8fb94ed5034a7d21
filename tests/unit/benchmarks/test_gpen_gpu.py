from __future__ import annotations

import pytest
import torch

from benchmarks.gpen_gpu import BATCHES, network_cases, rate_cases, traced
from benchmarks.timeline import told
from benchmarks.turns import ProcessMemory, measure
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape

SHAPE = GpenShape((8, 8, 8, 4), style_width=8, mapping_depth=1)


@pytest.fixture(autouse=True)
def product_precision():
    before = torch.get_float32_matmul_precision()
    yield
    torch.set_float32_matmul_precision(before)


def test_a_restorer_is_compared_with_the_floor_of_measured_rates() -> None:
    """The whole of it but the device: what is said of a GPU is made on the CPU here."""
    device = torch.device("cpu")
    torch.manual_seed(0)
    rates = rate_cases(device, "float32", side=64, copied=1 << 16)
    one, two = network_cases("tiny", Gpen(SHAPE), device, "float32", [1, 2])
    assert (one.name, one.faces, two.faces) == ("tiny x 1", BATCHES, 2 * BATCHES)
    assert one.floor is not None
    assert two.floor is not None
    assert two.floor(1e15, 1e9) < one.floor(1e15, 1e9), "two faces share the weights"
    product, copy, row = measure([*rates, one], 1, ProcessMemory())
    assert copy.giga_per_second > 0
    assert row.floor > 0
    assert product.share == 1.0
    assert (product.floor, copy.floor) == (0, 0)


def test_a_trace_of_the_cpu_says_that_no_gpu_was_at_work() -> None:
    assert told(traced(lambda: torch.ones(4) + 1)) == "timeline: nothing ran on a GPU"
