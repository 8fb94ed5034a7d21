from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.stand_ins.fake_backend import ShuffledBackend
from vidrestore.errors import DeviceError
from vidrestore.restore.running.device import Precision
from vidrestore.restore.running.streamed import StreamedRestorer
from vidrestore.stages import AsyncRestorer

SIDE = 4
GPU = torch.device("cuda:0")


def restorer(backend: ShuffledBackend, batch: int) -> StreamedRestorer:
    return StreamedRestorer(backend, SIDE, GPU, Precision.FLOAT16, batch)


def crops(count: int, dtype: type = np.uint8, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.integers(0, np.iinfo(dtype).max, (count, SIDE, SIDE, 3), dtype, endpoint=True)


def test_it_works_ahead() -> None:
    made = restorer(ShuffledBackend(SIDE), 4)
    assert isinstance(made, AsyncRestorer)
    assert (made.ahead, made.device_name, made.precision) == (2, "cuda:0", "float16")


@given(
    jobs=st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=8),
    batch=st.integers(1, 8),
    holds=st.integers(1, 8),
    order=st.randoms(use_true_random=False),
    seed=st.integers(0, 10_000),
)
def test_nothing_is_lost_or_mixed_up(jobs, batch, holds, order, seed) -> None:
    """Over sizes of jobs, both depths, any memory, any order of the device and of asking."""
    backend = ShuffledBackend(SIDE, seed, holds)
    streamed = restorer(backend, batch)
    sources = [
        crops(count, np.uint16 if deep else np.uint8, index)
        for index, (count, deep) in enumerate(jobs)
    ]
    pending = {index: streamed.submit(source) for index, source in enumerate(sources)}
    asked = list(pending)
    order.shuffle(asked)
    for index in asked:
        assert np.array_equal(pending[index](), ~sources[index])
    assert max(backend.computed, default=0) <= holds
    assert len(streamed.warnings) <= 1


@pytest.mark.parametrize("count", [5, 16, 19])
def test_lack_of_memory_halves_the_batch_under_way(count: int) -> None:
    backend = ShuffledBackend(SIDE, holds=3)
    streamed, source = restorer(backend, 16), crops(count)
    first = streamed.submit(crops(2))
    result = streamed.submit(source)
    assert np.array_equal(first(), ~crops(2)), "what was under way before is kept"
    assert np.array_equal(result(), ~source)
    assert streamed.batch == 2
    halvings = 3
    assert backend.releases == halvings, "graphs and memory are given back each time"
    (warning,) = streamed.warnings
    assert "cuda:0 has too little memory for 16 faces at a time" in warning


def test_lack_of_memory_for_a_single_crop_comes_out_where_it_is_asked_for() -> None:
    backend = ShuffledBackend(SIDE)
    streamed = restorer(backend, 2)
    good = streamed.submit(crops(2))
    backend.holds = 0
    bad = streamed.submit(crops(1))
    backend.holds = 1
    later = streamed.submit(crops(3))
    with pytest.raises(DeviceError, match=r"1 faces at a time; lower restore\.batch"):
        bad()
    assert np.array_equal(good(), ~crops(2))
    assert np.array_equal(later(), ~crops(3)), "a slot that was left halfway is not used again"


def test_tails_are_padded_to_few_sizes() -> None:
    backend = ShuffledBackend(SIDE)
    streamed = restorer(backend, 8)
    for count in range(8, 0, -1):
        assert np.array_equal(streamed.restore(crops(count)), ~crops(count))
    assert backend.computed == [8, 8, 8, 8, 4, 4, 2, 1]
    backend.computed.clear()
    streamed.restore(crops(19))
    assert backend.computed == [8, 8, 4]


def test_a_small_trial_makes_small_buffers() -> None:
    sizes: list[int] = []

    class Watched(ShuffledBackend):
        def host_buffer(self, count: int, dtype: np.dtype) -> np.ndarray:
            sizes.append(count)
            return super().host_buffer(count, dtype)

    streamed = restorer(Watched(SIDE), 16)
    streamed.restore(crops(2, np.uint16))
    assert sizes == [2, 2]
    streamed.restore(crops(16))
    assert sizes == [2, 2, 16, 16]


def test_a_backends_warnings_are_told() -> None:
    backend = ShuffledBackend(SIDE)
    backend.warnings = ("no graph",)
    assert restorer(backend, 1).warnings == ("no graph",)
