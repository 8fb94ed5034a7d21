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
