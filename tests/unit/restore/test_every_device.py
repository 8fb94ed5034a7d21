"""The engine on each device of this machine, against the plain network in float32."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.devices import REQUIRED, devices
from vidrestore.errors import DeviceError
from vidrestore.restore.device import Precision, pick_device, pick_precision
from vidrestore.restore.engine import gpen_restorer
from vidrestore.restore.network import Gpen
from vidrestore.restore.shape import GpenShape

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


def test_a_missing_gpu_is_a_failure_where_one_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.delenv(REQUIRED, raising=False)
    assert devices() == ["cpu"]
    monkeypatch.setenv(REQUIRED, "1")
    assert devices() == ["cpu", "cuda:0"]
    with pytest.raises(DeviceError):
        pick_device(devices()[1])
