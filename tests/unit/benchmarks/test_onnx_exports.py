"""GPENs in ONNX graphs are known by what they compute, and nothing else is taken for one."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from benchmarks.onnx_exports import exported, in_half, made, numbered
from tests.made_files.hostile.onnx_graphs import greedy_graph, onnx_graph
from vidrestore import ModelError
from vidrestore.config import RestoreConfig
from vidrestore.restore.convert import convert
from vidrestore.restore.gpen.checkpoint import read_checkpoint
from vidrestore.restore.gpen.published import to_published
from vidrestore.restore.graphs.gpen_graph import gpen_state
from vidrestore.restore.graphs.operators import NotUnderstood
from vidrestore.restore.loading import load_model


@pytest.fixture(scope="module")
def network():
    return made(32)


@pytest.fixture(scope="module")
def model(network):
    return exported(network, opset=17)


def copied(model):
    other = onnx.ModelProto()
    other.CopyFrom(model)
    return other


def check(network, data, within=1e-3):
    wanted = to_published(network.state_dict(), network.shape)
    found = gpen_state(data)
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        assert found[name].shape == value.shape
        apart = float((found[name] - value).abs().max())
        assert apart < within * max(1.0, float(value.abs().max())), name


@pytest.mark.parametrize(
    ("opset", "folding", "upfirdn"), [(11, False, True), (13, True, False), (18, True, True)]
)
def test_ways_of_exporting(network, opset, folding, upfirdn):
    data = exported(network, opset=opset, folding=folding, upfirdn=upfirdn)
    check(network, data.SerializeToString())


def test_names_do_not_matter(network, model):
    check(network, numbered(copied(model)).SerializeToString())


def test_weights_of_16_bits(network, model):
    check(network, in_half(copied(model)).SerializeToString(), within=2e-3)


def test_biases_that_were_fused_and_scales_that_stand_apart(network, model):
    other = copied(model)
    graph = other.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    # A kernel of the encoder at half its size, and its result doubled.
    conv = next(
        node
        for node in graph.node
        if node.op_type == "Conv"
        and node.input[1] in weights
        and weights[node.input[1]].dims[-1] == 3
    )
    at = list(graph.node).index(conv)
    half = numpy_helper.to_array(weights[conv.input[1]]) * np.float32(0.5)
    graph.initializer.append(numpy_helper.from_array(half, "half"))
    graph.initializer.append(numpy_helper.from_array(np.float32(2.0), "two"))
    twice = onnx.helper.make_node("Mul", [conv.input[0], "two"], ["twice"])
    conv.input[:] = ["twice", "half", *conv.input[2:]]
    graph.node.insert(at, twice)
    with pytest.raises(NotUnderstood):  # a factor within the encoder: seen, and not believed
        gpen_state(other.SerializeToString())


def test_a_graph_that_looks_like_one_but_computes_something_else(model):
    other = copied(model)
    last = other.graph.output[0].name
    for node in other.graph.node:
        node.output[:] = ["before" if name == last else name for name in node.output]
    other.graph.node.append(onnx.helper.make_node("Tanh", ["before"], [last]))
    with pytest.raises(NotUnderstood, match="operator 'Tanh' is not known"):
        gpen_state(other.SerializeToString())
    other.graph.node[-1].op_type = "Neg"
    with pytest.raises(NotUnderstood, match="computes something else"):
        gpen_state(other.SerializeToString())


@pytest.mark.parametrize(
    "data",
    [onnx_graph(), greedy_graph(60_000, multiplied=True), b"", b"\x08\x07\x3a\x02\x0a\x00"],
    ids=["small", "greedy", "empty", "hollow"],
)
def test_other_graphs_are_left_to_others(data):
    with pytest.raises(NotUnderstood):
        gpen_state(data)


def test_bytes_of_strangers_do_no_harm(model):
    data = bytearray(model.SerializeToString())
    rng = np.random.default_rng(4)
    for _ in range(10):
        broken = data.copy()
        for place in rng.integers(0, len(data), 30):
            broken[place] = rng.integers(256)
        try:
            gpen_state(bytes(broken))
        except NotUnderstood as error:
            assert "\n" not in str(error)  # noqa: PT017


def test_a_graph_runs_on_our_engine_and_becomes_safetensors(tmp_path, network, model):
    source, output = tmp_path / "gpen.onnx", tmp_path / "gpen.safetensors"
    source.write_bytes(model.SerializeToString())
    options = RestoreConfig(model=str(source), device="cpu", precision="float32")
    loaded = load_model(options)
    assert loaded.restorer.size == 32
    assert loaded.warnings == ()
    convert(source, output)
    again = read_checkpoint(output).build()
    picture = torch.rand(1, 3, 32, 32) * 2 - 1
    with torch.inference_mode():
        assert torch.allclose(again(picture), network(picture), atol=1e-3)
    crops = np.random.default_rng(1).integers(0, 256, (2, 32, 32, 3), np.uint8)
    told = load_model(options.model_copy(update={"model": str(output)})).restorer.restore(crops)
    assert np.array_equal(loaded.restorer.restore(crops), told)


def test_what_is_no_gpen_is_not_converted(tmp_path):
    (tmp_path / "a.onnx").write_bytes(onnx_graph())
    with pytest.raises(ModelError, match="an ONNX graph, and it has not the operators of one"):
        convert(tmp_path / "a.onnx", tmp_path / "a.safetensors")
