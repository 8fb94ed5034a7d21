"""A graph with the operators of a GPEN, put together as none is."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from vidrestore.restore.graphs.gpen_graph import gpen_state
from vidrestore.restore.graphs.operators import NotUnderstood


def graph(nodes):
    """The nodes after what every GPEN has, in a graph from "picture" to "out"."""
    value, shape = helper.make_tensor_value_info, [1, 3, 8, 8]
    kernel = numpy_helper.from_array(np.zeros((3, 3, 1, 1), np.float32), "kernel")
    filler = [helper.make_node("Concat", ["picture"], [f"c{i}"], axis=1) for i in range(3)]
    filler += [helper.make_node("LeakyRelu", ["picture"], [f"l{i}"]) for i in range(5)]
    filler += [helper.make_node("Conv", ["picture", "kernel"], [f"v{i}"]) for i in range(4)]
    filler += [helper.make_node("ConvTranspose", ["picture", "kernel"], ["t"])]
    made = helper.make_graph(
        filler + nodes,
        "odd",
        [value("picture", TensorProto.FLOAT, shape)],
        [value("out", TensorProto.FLOAT, shape)],
        [kernel, numpy_helper.from_array(np.zeros((), np.float32), "none")],
    )
    return helper.make_model(made).SerializeToString()


def test_a_value_that_is_made_twice_leads_nobody_round_for_ever():
    nodes = [
        helper.make_node("Identity", ["picture"], ["a"]),
        helper.make_node("Identity", ["a"], ["a"]),
        helper.make_node("Identity", ["a"], ["out"]),
    ]
    with pytest.raises(NotUnderstood, match="makes a value twice"):
        gpen_state(graph(nodes))


def test_layers_that_are_found_where_none_are():
    parts = [
        ("Constant", [], ["sides"], {"value_ints": [3, 3, 1, 1]}),
        ("Constant", [], ["four"], {"value_ints": [4, 3, 1, 1]}),
        ("ReduceMean", ["picture"], ["mean"], {}),
        ("Div", ["mean", "none"], ["endless"], {}),
        ("Expand", ["endless", "sides"], ["made"], {}),
        ("Expand", ["endless", "four"], ["more"], {}),
        ("Conv", ["picture", "made"], ["colour"], {"strides": [2, 2]}),
        ("Conv", ["picture", "more"], ["styled"], {"strides": [2, 2]}),
        ("ReduceMean", ["colour"], ["one"], {}),
        ("Add", ["picture", "one"], ["out"], {}),
    ]
    nodes = [helper.make_node(kind, given, made, **rest) for kind, given, made, rest in parts]
    with pytest.raises(NotUnderstood, match="not put together"):
        gpen_state(graph(nodes))
