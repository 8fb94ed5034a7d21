"""What every restorer keeps to."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch

from tests.made_files.hostile.onnx_graphs import onnx_graph
from tests.stand_ins.fake_backend import ShuffledBackend
from tests.stand_ins.fakes import FakeRestorer, LateRestorer
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.restorer import gpen_restorer
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.onnx.restorer import OnnxRestorer
from vidrestore.restore.running.device import Precision
from vidrestore.restore.running.streamed import StreamedRestorer
from vidrestore.restore.running.torch_restorer import TorchRestorer
from vidrestore.restore.stage import working_ahead
from vidrestore.stages import Restorer


def tiny_gpen(batch: int) -> Restorer:
    torch.manual_seed(0)
    network = Gpen(GpenShape((6, 5, 4, 3), style_width=7, mapping_depth=2))
    return gpen_restorer(network, torch.device("cpu"), Precision.FLOAT32, batch)


@cache
def tiny_onnx(first: int | str) -> Restorer:
    return OnnxRestorer(
        onnx_graph(first=first), torch.device("cpu"), 2, threads=0, fidelity=0.5, tf32=False
    )


def tiny_torch(batch: int) -> Restorer:
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 3, 3, padding=1), torch.nn.Tanh())
    return TorchRestorer(network, 32, Precision.FLOAT32, batch)


def tiny_streamed(batch: int) -> Restorer:
    backend = ShuffledBackend(32)
    return StreamedRestorer(backend, 32, torch.device("cuda:0"), Precision.FLOAT16, batch)


RESTORERS = [
    pytest.param(lambda: tiny_gpen(1), id="gpen, one at a time"),
    pytest.param(lambda: tiny_gpen(3), id="gpen, three at a time"),
    pytest.param(lambda: tiny_onnx("batch"), id="onnx, any batch"),
    pytest.param(lambda: tiny_onnx(1), id="onnx, one at a time"),
    pytest.param(lambda: tiny_onnx(3), id="onnx, three at a time"),
    pytest.param(lambda: tiny_torch(2), id="any network of torch"),
    pytest.param(lambda: tiny_streamed(2), id="streamed, two at a time"),
    pytest.param(lambda: FakeRestorer(size=32), id="fake"),
    pytest.param(lambda: FakeRestorer(lambda crops: crops[:, ::-1].copy(), 32), id="fake, flips"),
    pytest.param(lambda: LateRestorer(lambda crops: crops[:, ::-1].copy(), 32), id="fake, late"),
]


@pytest.fixture(params=RESTORERS)
def restorer(request) -> Restorer:
    return request.param()


def crops(count: int, size: int, dtype: type) -> np.ndarray:
    high = np.iinfo(dtype).max
    return np.random.default_rng(5).integers(0, high, (count, size, size, 3), dtype, endpoint=True)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("count", [0, 1, 4])
def test_shape_and_type_are_kept(restorer, dtype, count):
    given = crops(count, restorer.size, dtype)
    result = restorer.restore(given)
    assert result.shape == given.shape
    assert result.dtype == dtype


def test_the_crops_given_are_left_alone(restorer):
    given = crops(3, restorer.size, np.uint8)
    given.flags.writeable = False
    result = restorer.restore(given)
    assert not np.shares_memory(result, given)


def test_each_result_depends_on_its_own_crop_alone(restorer):
    given = crops(5, restorer.size, np.uint8)
    together = restorer.restore(given)
    for index in range(len(given)):
        alone = restorer.restore(given[index : index + 1])[0]
        apart = np.abs(alone.astype(int) - together[index])
        assert apart.max() <= 1
        assert (apart > 0).mean() < 1e-3


def test_the_same_crop_gives_the_same_result(restorer):
    given = crops(2, restorer.size, np.uint8)
    assert (restorer.restore(given) == restorer.restore(given)).all()


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2)])
def test_what_is_submitted_comes_back_whenever_it_is_asked_for(restorer, order):
    ahead = working_ahead(restorer)
    assert ahead.size == restorer.size
    batches = [crops(7, ahead.size, np.uint8)[first:last] for first, last in ((0, 2), (2, 5))]
    batches += [crops(0, ahead.size, np.uint8), crops(1, ahead.size, np.uint16)]
    pending = [ahead.submit(batch) for batch in batches]
    results = {index: pending[index]() for index in order}
    for index, batch in enumerate(batches):
        assert results[index].dtype == batch.dtype
        assert np.array_equal(results[index], restorer.restore(batch))


def test_crops_of_another_shape_do_not_harm_those_under_way(restorer):
    ahead = working_ahead(restorer)
    if isinstance(restorer, FakeRestorer):
        pytest.skip("fakes take anything")
    given = crops(2, ahead.size, np.uint8)
    first, odd, last = (ahead.submit(batch) for batch in (given, given[:, 1:], given))
    with pytest.raises(ValueError, match="expected"):
        odd()
    assert np.array_equal(first(), last())
