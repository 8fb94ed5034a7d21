from __future__ import annotations

import json

import onnxruntime
import torch

from benchmarks import gpen
from benchmarks.published_graph import PublishedGraph, write_onnx
from benchmarks.turns import Case
from tests.golden.gpen.vectors import read_vectors
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.published import from_published
from vidrestore.restore.gpen.shape import GpenShape


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


def test_the_command_prints_each_model_when_it_is_measured(monkeypatch, tmp_path, capsys) -> None:
    out = tmp_path / "gpen.json"
    seen: list[tuple[str, int]] = []

    def cases(name: str, *_: object) -> list[Case]:
        done = json.loads(out.read_text())["rows"] if out.exists() else []
        seen.append((capsys.readouterr().out, len(done)))
        return [
            Case("mm 4096", "float32", 1, 1.0, int, "product"),
            Case(name, "float32", 1, 1.0, int),
        ]

    monkeypatch.setattr(gpen, "cases", cases)
    monkeypatch.setattr(
        "sys.argv", ["gpen", "--models", "512", "256", "--device", "cpu", "--json", str(out)]
    )
    gpen.main()
    (begun, none), (first, two) = seen
    assert "GFLOP/s" in begun
    assert (none, two) == (0, 2)
    assert "512" in first
    assert "256" in capsys.readouterr().out
    names = [row["name"] for row in json.loads(out.read_text())["rows"]]
    assert names == ["mm 4096", "512", "mm 4096", "256"]
