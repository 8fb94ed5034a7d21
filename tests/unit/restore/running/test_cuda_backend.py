"""The calls of the CUDA backend, on a stand-in; a GPU's own tests are in test_every_device.py."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.stand_ins.fake_cuda import FakeCuda
from vidrestore.restore.gpen.batched import BatchedGpen
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.running.cuda_backend import CudaBackend
from vidrestore.restore.running.device import Precision
from vidrestore.restore.running.streamed import StreamedRestorer

SIDE = 16
CPU = torch.device("cpu")


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> FakeCuda:
    return FakeCuda(monkeypatch)


def restorer(batch: int, network=torch.neg) -> StreamedRestorer:
    return StreamedRestorer(CudaBackend(network, SIDE, CPU), SIDE, CPU, Precision.FLOAT32, batch)


def crops(count: int, dtype: type = np.uint8, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.integers(0, np.iinfo(dtype).max, (count, SIDE, SIDE, 3), dtype, endpoint=True)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_samples_come_back_as_the_network_made_them(cuda: FakeCuda, dtype: type) -> None:
    made = restorer(4)
    for seed in range(4):  # by eager calls first, then by graphs
        source = crops(7, dtype, seed)
        assert np.array_equal(made.restore(source), ~source)
    assert made.warnings == ()


def test_a_size_that_comes_again_is_captured_and_replayed(cuda: FakeCuda) -> None:
    made = restorer(4)
    made.restore(crops(4))
    assert cuda.graphs == []
    made.restore(crops(4))
    made.restore(crops(3))  # padded to 4
    (graph,) = cuda.graphs
    assert graph.replays == 2
    for _ in range(2):
        made.restore(crops(2))
    assert len(cuda.graphs) == 2
    assert cuda.pools == [None, "pool"], "the graphs share their memory"


def test_what_cannot_be_captured_runs_without_a_graph_and_says_so(cuda: FakeCuda) -> None:
    made = restorer(2)
    cuda.fails = RuntimeError("operation not permitted\nwhen stream is capturing")
    for seed in range(4):
        assert np.array_equal(made.restore(crops(2, seed=seed)), ~crops(2, seed=seed))
    assert cuda.graphs == [], "it is not tried again"
    (warning,) = made.warnings
    assert "could not capture" in warning
    assert "not permitted when stream" in warning


def test_lack_of_memory_while_capturing_halves_the_batch(cuda: FakeCuda) -> None:
    made = restorer(4)
    made.restore(crops(4))
    # Ending a capture that ran out of memory raises an error of its own, the first within it.
    cuda.fails = RuntimeError("capture failed")
    cuda.fails.__context__ = torch.OutOfMemoryError("no")
    assert np.array_equal(made.restore(crops(4)), ~crops(4))
    assert made.batch == 2
    assert cuda.emptied == 1
    assert len(cuda.graphs) == 1, "captured anew, for the smaller batch"
    (warning,) = made.warnings
    assert "too little memory for 4 faces" in warning


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        torch.OutOfMemoryError("no"),
    ],
)
def test_every_lack_of_memory_is_taken_for_one(cuda: FakeCuda, error: RuntimeError) -> None:
    def network(pictures: torch.Tensor) -> torch.Tensor:
        if len(pictures) > 2:
            raise error
        return -pictures

    made = restorer(4, network)
    assert np.array_equal(made.restore(crops(7)), ~crops(7))
    assert made.batch == 2


def test_other_errors_are_no_lack_of_memory(cuda: FakeCuda) -> None:
    def network(pictures: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("an illegal memory access was encountered")

    with pytest.raises(RuntimeError, match="illegal"):
        restorer(4, network).restore(crops(1))


def test_a_gpen_runs_in_a_graph(cuda: FakeCuda) -> None:
    torch.manual_seed(1)
    network = Gpen(GpenShape((6, 5, 4), style_width=7, mapping_depth=2))
    for to_rgb in network.to_rgb:  # keep random outputs within the range of pictures
        to_rgb.conv.weight.data.mul_(0.1)
    form = BatchedGpen(network, CPU, torch.float32)
    made = restorer(2, form)
    first, again, other = (made.restore(crops(2, seed=seed)) for seed in (1, 1, 2))
    assert len(cuda.graphs) == 1
    assert np.array_equal(first, again)
    picture = torch.from_numpy(crops(2, seed=2)).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.inference_mode():
        wanted = ((network(picture) + 1) * 127.5).round().clamp(0, 255).permute(0, 2, 3, 1)
    assert np.abs(other - wanted.numpy()).max() <= 1
