from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.onnx_graphs import onnx_graph
from vidrestore.config import RestoreConfig
from vidrestore.errors import DeviceError, ModelError
from vidrestore.restore.catalogue import CATALOGUE, Model
from vidrestore.restore.loading import load_model


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    path = tmp_path / "mine.onnx"
    path.write_bytes(onnx_graph())
    return path


def options(model: object, **others: object) -> RestoreConfig:
    return RestoreConfig(model=str(model), device="cpu", **others)


def test_the_default_is_a_gpen() -> None:
    loaded = load_model(options("default", precision="float32"))
    assert (loaded.name, loaded.template) == ("default", "gpen")
    assert loaded.sha256 == CATALOGUE["default"].sha256
    assert loaded.restorer.precision == "float32"


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
    assert loaded.warnings() == ()
    loaded.restorer.engine._halve()
    (warning,) = loaded.warnings()
    assert "too little memory" in warning
