"""Small ONNX graphs made by code."""

from __future__ import annotations

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper


def onnx_model(
    *,
    first: int | str = 1,
    side: int | str = 32,
    kind: int = TensorProto.FLOAT,
    fidelity: bool = False,
    channels: int = 3,
) -> ModelProto:
    """Blurs across channels and halves the contrast; with ``fidelity``, ``w`` times as much."""
    shape = [first, channels, side, side]
    weights = np.random.default_rng(2).normal(0, 0.2, (3, channels, 3, 3))
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    inputs = [helper.make_tensor_value_info("input", kind, shape)]
    nodes = [helper.make_node("Conv", ["input", "kernel"], ["mixed"], pads=[1, 1, 1, 1])]
    if fidelity:
        inputs.append(helper.make_tensor_value_info("w", TensorProto.DOUBLE, [1]))
        nodes.append(helper.make_node("Cast", ["w"], ["weight"], to=kind))
        nodes.append(helper.make_node("Mul", ["mixed", "weight"], ["output"]))
    else:
        nodes.append(helper.make_node("Tanh", ["mixed"], ["output"]))
    outputs = [helper.make_tensor_value_info("output", kind, [first, 3, side, side])]
    kernel = numpy_helper.from_array(weights.astype(dtype), "kernel")
    graph = helper.make_graph(nodes, "small", inputs, outputs, [kernel])
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, producer_name="a test", opset_imports=opset, ir_version=8)


def onnx_graph(**options: object) -> bytes:
    return onnx_model(**options).SerializeToString()


def greedy_graph(side: int, *, multiplied: bool) -> bytes:
    """A small graph without loops that makes a matrix of ``side``, and multiplies it by itself.

    Both hang on the input, so that nothing of it is done when the graph is loaded.
    """
    shape = [1, 3, 32, 32]
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["mean"], keepdims=0),
        helper.make_node("Expand", ["mean", "sides"], ["large"]),
        helper.make_node("MatMul", ["large", "large"], ["product"]),
        helper.make_node("ReduceMax", ["product" if multiplied else "large"], ["most"], keepdims=0),
        helper.make_node("Add", ["input", "most"], ["output"]),
    ]
    sides = numpy_helper.from_array(np.array([side, side], np.int64), "sides")
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes if multiplied else [node for node in nodes if node.op_type != "MatMul"],
        "greedy",
        [tensor("input", TensorProto.FLOAT, shape)],
        [tensor("output", TensorProto.FLOAT, shape)],
        [sides],
    )
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
