from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from onnx import TensorProto

from tests.made_files.hostile.onnx_graphs import onnx_graph
from tests.stand_ins.devices import needs_bfloat16
from vidrestore.config import RestoreConfig
from vidrestore.errors import DeviceError, ModelError
from vidrestore.restore import loading
from vidrestore.restore.loading import load_model
from vidrestore.restore.onnx.restorer import OnnxRestorer
from vidrestore.restore.running.torch_restorer import TorchRestorer
from vidrestore.weights.catalogue import CATALOGUE, Model

CPU = torch.device("cpu")


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    path = tmp_path / "mine.onnx"
    path.write_bytes(onnx_graph())
    return path


def options(model: object, **others: object) -> RestoreConfig:
    return RestoreConfig(model=str(model), device="cpu", **others)


def test_the_default_is_a_gpen() -> None:
    loaded = load_model(options("default", precision="float32", batch=3))
    entry, restorer = CATALOGUE["default"], loaded.restorer
    assert (loaded.name, loaded.template, loaded.sha256) == ("default", "gpen", entry.sha256)
    assert (restorer.size, restorer.batch) == (entry.size, 3)
    assert (restorer.device_name, restorer.precision) == ("cpu", "float32")
    gray = np.full((1, 256, 256, 3), 128, np.uint8)
    flat = restorer.restore(gray)
    changed = np.abs(flat.astype(int) - 128)
    assert changed.mean() < 1, "a flat picture has nothing to restore"
    assert changed.max() <= 4


@needs_bfloat16
def test_bfloat16_is_kept_where_it_agrees() -> None:
    loaded = load_model(options("default", precision="bfloat16"))
    assert loaded.restorer.precision == "bfloat16"
    assert loaded.warnings == ()


@needs_bfloat16
def test_where_it_disagrees_float32_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    true = TorchRestorer._restore_batch

    def coarse(self: TorchRestorer, crops: np.ndarray) -> np.ndarray:
        error = 1000 if self.precision == "bfloat16" else 0
        return true(self, crops) // 2 + np.uint16(error)

    monkeypatch.setattr(TorchRestorer, "_restore_batch", coarse)
    loaded = load_model(options("default", precision="bfloat16"))
    assert loaded.restorer.precision == "float32"
    (warning,) = loaded.warnings
    assert warning.startswith("bfloat16 agrees with float32 at ")


@pytest.mark.parametrize(("kind", "falls_back_to"), [("tf32", "cuda:0"), ("float16", "cpu")])
def test_graphs_on_a_gpu_are_tried_against_float32(
    kind: str, falls_back_to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a stand-in for onnxruntime's GPU: what it computes in less than float32 is darker."""

    class OnGpu(OnnxRestorer):
        def __init__(self, graph: bytes, device: torch.device, *args: Any, **kwargs: Any) -> None:
            super().__init__(graph, CPU, *args, **kwargs)
            self._device = device

        def _restore_batch(self, crops: np.ndarray) -> np.ndarray:
            exact = self.precision == "float32" or self._device == CPU
            return super()._restore_batch(crops) // (1 if exact else 2)

    monkeypatch.setattr(loading, "OnnxRestorer", OnGpu)
    monkeypatch.setattr(loading, "pick_device", torch.device)
    file = tmp_path / "mine.onnx"
    half = {"kind": TensorProto.FLOAT16} if kind == "float16" else {}
    file.write_bytes(onnx_graph(**half))
    loaded = load_model(RestoreConfig(model=str(file), device="cuda:0", precision=kind))
    assert loaded.restorer.device_name == falls_back_to
    told, warning = loaded.warnings
    assert "onnxruntime computes it" in told
    assert warning.startswith(f"{kind} agrees with float32 at ")
    assert warning.endswith(f"in float32 on {falls_back_to}")


def test_an_own_graph_is_used_and_its_hash_is_known(graph: Path) -> None:
    loaded = load_model(options(graph))
    assert loaded.name == "mine.onnx"
    assert loaded.sha256 == hashlib.sha256(graph.read_bytes()).hexdigest()
    assert loaded.template == "gpen"
    assert load_model(options(graph, template="ffhq")).template == "ffhq"
    assert loaded.restorer.restore(np.zeros((1, 32, 32, 3), np.uint8)).shape == (1, 32, 32, 3)


def test_a_fetched_graph_is_known_by_its_hash(graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256(graph.read_bytes()).hexdigest()
    entry = Model("known", graph.name, digest, 32, "ffhq", "some licence")
    monkeypatch.setitem(CATALOGUE, "known", entry)
    monkeypatch.setenv("VIDRESTORE_WEIGHTS", str(graph.parent))
    for name in ("known", str(graph)):
        loaded = load_model(options(name))
        assert (loaded.name, loaded.template, loaded.licence) == ("known", "ffhq", "some licence")
    graph.write_bytes(onnx_graph(fidelity=True))
    with pytest.raises(ModelError, match="SHA-256"):
        load_model(options("known"))


def test_a_precision_that_the_graph_has_not_is_refused(graph: Path) -> None:
    assert load_model(options(graph, precision="float32")).restorer.precision == "float32"
    with pytest.raises(DeviceError, match="precision auto"):
        load_model(options(graph, precision="bfloat16"))


def test_what_happens_later_is_told_too() -> None:
    loaded = load_model(RestoreConfig(device="cpu", precision="float32"))
    assert loaded.warnings == ()
    loaded.restorer._halve()
    (warning,) = loaded.warnings
    assert "too little memory" in warning
