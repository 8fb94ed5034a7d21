"""The engine on each device of this machine, against the plain network in float32."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from tests.stand_ins.devices import REQUIRED, devices
from vidrestore.errors import DeviceError
from vidrestore.restore.gpen.batched import BatchedGpen
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.restorer import gpen_restorer
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.running.device import (
    Precision,
    cpu_computes_bfloat16,
    pick_device,
    pick_precision,
)
from vidrestore.restore.running.engine import torch_restorer
from vidrestore.restore.running.gate import LEAST_AGREEMENT, agreement, trial_crops
from vidrestore.restore.running.torch_restorer import InPrecision
from vidrestore.restore.stage import working_ahead

SIDE = 64


def network() -> Gpen:
    torch.manual_seed(3)
    made = Gpen(GpenShape((8, 8, 8, 8, 6), style_width=8, mapping_depth=1))
    for to_rgb in made.to_rgb:  # keep random outputs within the range of pictures
        to_rgb.conv.weight.data.mul_(0.1)
    return made


def crops(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, SIDE, SIDE, 3), np.uint8)


def expected(source: np.ndarray) -> np.ndarray:
    picture = torch.from_numpy(source).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.inference_mode():
        result = network()(picture)
    return ((result + 1) * 127.5).round().clamp(0, 255).permute(0, 2, 3, 1).numpy().astype(int)


@pytest.mark.parametrize("batch", [1, 2, 3, 8])
@pytest.mark.parametrize("device", devices())
def test_float32_is_the_plain_network_whatever_the_batch(device: str, batch: int) -> None:
    source = crops(7)
    engine = gpen_restorer(network(), pick_device(device), Precision.FLOAT32, batch)
    apart = np.abs(engine.restore(source).astype(int) - expected(source))
    assert apart.max() <= 1
    assert (apart > 0).mean() < 1e-3
    assert engine.warnings == ()


@pytest.mark.parametrize("device", devices())
def test_the_fastest_precision_is_close(device: str) -> None:
    source = crops(4)
    place = pick_device(device)
    engine = gpen_restorer(network(), place, pick_precision("auto", place), 4)
    assert np.abs(engine.restore(source).astype(int) - expected(source)).mean() < 1.5


@pytest.mark.parametrize("name", ["float32", "tf32", "bfloat16", "float16"])
@pytest.mark.parametrize("device", devices())
def test_every_precision_passes_the_gate(device: str, name: str) -> None:
    place = pick_device(device)
    if place.type == "cpu" and name in ("tf32", "float16"):
        pytest.skip("for GPUs")
    if place.type == "cpu" and name == "bfloat16" and not cpu_computes_bfloat16():
        pytest.skip("this processor cannot compute in bfloat16")
    made, exact = (
        gpen_restorer(network(), place, pick_precision(precision, place), 2)
        for precision in (name, "float32")
    )
    trial = trial_crops(SIDE)
    assert agreement(made.restore(trial), exact.restore(trial)) >= LEAST_AGREEMENT


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("device", devices())
def test_batches_under_way_come_back_as_they_do_one_by_one(device: str, dtype: type) -> None:
    place = pick_device(device)
    restorer = gpen_restorer(network(), place, pick_precision("auto", place), 4)
    ahead = working_ahead(restorer)
    sources = [crops(count).astype(dtype) for count in (4, 4, 4, 4, 3, 1, 4, 2, 4)]
    pending = [ahead.submit(source) for source in sources]
    for source, result in zip(sources, pending, strict=True):
        assert np.abs(result().astype(int) - restorer.restore(source)).max() <= 1
    assert restorer.warnings == (), "captured as graphs, where there are some"


@pytest.mark.parametrize("device", devices())
def test_the_same_crops_give_the_same_bits(device: str) -> None:
    place = pick_device(device)
    precision = pick_precision("auto", place)
    one, other = (gpen_restorer(network(), place, precision, 4) for _ in range(2))
    for _ in range(3):  # eagerly, while capturing, and from the graph
        first = one.restore(crops(4))
        assert np.array_equal(first, one.restore(crops(4)))
        assert np.array_equal(first, other.restore(crops(4)))


@pytest.mark.parametrize("device", devices())
def test_too_little_memory_changes_the_batch_alone(device: str) -> None:
    place = pick_device(device)
    form = BatchedGpen(network(), place, torch.float32)

    def narrow(pictures: torch.Tensor) -> torch.Tensor:
        if len(pictures) > 3:
            raise torch.OutOfMemoryError("no")
        return form(pictures)

    restorer = torch_restorer(narrow, SIDE, place, Precision.FLOAT32, 16)
    ahead = working_ahead(restorer)
    sources = [crops(count) for count in (3, 19, 1, 16)]
    pending = [ahead.submit(source) for source in sources]
    for source, result in zip(sources, pending, strict=True):
        apart = np.abs(result().astype(int) - expected(source))
        assert apart.max() <= 1
        assert (apart > 0).mean() < 1e-3
    assert restorer.batch == 2
    (warning,) = restorer.warnings
    assert "too little memory for 16 faces" in warning


@pytest.mark.parametrize("device", devices())
def test_any_module_runs_in_its_precision(device: str) -> None:
    place = pick_device(device)
    torch.manual_seed(5)
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 3, 3, padding=1), torch.nn.Tanh())
    results = {}
    for precision in (Precision.FLOAT32, Precision.BFLOAT16):
        form = InPrecision(copy.deepcopy(module), place, precision.dtype)
        restorer = torch_restorer(form, SIDE, place, precision, 2)
        results[precision] = [restorer.restore(trial_crops(SIDE)) for _ in range(3)]
    exact, rough = results.values()
    assert agreement(exact[0], rough[0]) >= LEAST_AGREEMENT
    for several in results.values():
        assert np.array_equal(several[0], several[1])
        assert np.array_equal(several[0], several[2])


def test_a_missing_gpu_is_a_failure_where_one_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.delenv(REQUIRED, raising=False)
    assert devices() == ["cpu"]
    monkeypatch.setenv(REQUIRED, "1")
    assert devices() == ["cpu", "cuda:0"]
    with pytest.raises(DeviceError):
        pick_device(devices()[1])
