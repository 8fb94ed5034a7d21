from __future__ import annotations

import json

import onnxruntime
import pytest
import torch

from benchmarks import gpen
from benchmarks.gpen import Case, gigaflop, measure
from benchmarks.published_graph import PublishedGraph, write_onnx
from tests.golden.gpen.vectors import read_vectors
from vidrestore.restore.network import Gpen
from vidrestore.restore.published import from_published
from vidrestore.restore.shape import GpenShape


def test_work_is_the_published_networks_276_gflop() -> None:
    shape = GpenShape.published(512, multiplier=2, narrow=1.0, style_width=512, mapping_depth=8)
    assert gigaflop(shape) == pytest.approx(276.2, abs=0.1)


def test_the_published_graph_equals_the_reference(tmp_path) -> None:
    vectors = read_vectors(64)
    shape = GpenShape.read({name: tuple(value.shape) for name, value in vectors.state.items()})
    network = Gpen(shape)
    network.load_state_dict(from_published(vectors.state, shape))
    with torch.no_grad():
        output = PublishedGraph(network)(vectors.input)
    assert float((output - vectors.output).abs().max()) < 1e-4
    write_onnx(network, tmp_path / "graph.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "graph.onnx"))
    (restored,) = session.run(None, {"picture": vectors.input[:1].numpy()})
    assert float((torch.from_numpy(restored) - vectors.output[:1]).abs().max()) < 1e-4


def test_shares_are_of_the_product_in_the_same_precision(monkeypatch) -> None:
    now = [0.0]
    monkeypatch.setattr(gpen.time, "perf_counter", lambda: now[0])

    def taking(seconds: float):
        def call() -> None:
            now[0] += seconds

        return call

    rows = measure(
        [
            Case("mm 4096", "float32", 1, 100.0, taking(1.0)),
            Case("a", "float32", 4, 25.0, taking(2.0)),
            Case("b", "bfloat16", 1, 25.0, taking(2.0)),
        ],
        3,
    )
    assert [row.share for row in rows] == [1.0, 0.5, 0.0]
    assert rows[1].milliseconds == pytest.approx(500.0)
    assert rows[1].third == pytest.approx(1.0)


def test_the_command_prints_a_table_and_writes_json(monkeypatch, tmp_path, capsys) -> None:
    fake = [Case("mm 4096", "float32", 1, 1.0, int), Case("512", "float32", 1, 1.0, int)]
    monkeypatch.setattr(gpen, "cases", lambda *_: fake)
    out = tmp_path / "gpen.json"
    monkeypatch.setattr("sys.argv", ["gpen", "--models", "512", "--json", str(out)])
    gpen.main()
    assert "GFLOP/s" in capsys.readouterr().out
    assert [row["name"] for row in json.loads(out.read_text())["rows"]] == ["mm 4096", "512"]
