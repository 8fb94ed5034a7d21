"""Which ways of exporting a GPEN as ONNX run on this package's own engine.

    python -m benchmarks.onnx_exports [--size 64] [--only WAY ...] [--json FILE]

One network of random weights is exported in every way that the installed packages offer: torch's
exporters (the newer one needs onnxscript), opsets, with and without constant folding, in float16,
with numbers for names, and through onnxsim, onnxslim and onnxoptimizer. For each: whether the graph
was understood, and how far the network that came of it is from what ONNX Runtime makes of the file,
in float32, on a picture whose samples span [-1, 1], and the processor seconds that it took to
understand.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import ModelProto, TensorProto, helper, numpy_helper

from benchmarks.published_graph import PublishedGraph
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.published import from_published
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.graphs.gpen_graph import gpen_state
from vidrestore.restore.graphs.operators import NotUnderstood

Change = Callable[[ModelProto], ModelProto]
_WIDTHS = {8: (12, 10), 16: (12, 12, 10), 32: (16, 16, 12, 8), 64: (16, 16, 12, 8, 6)}


def made(size: int, depth: int = 3) -> Gpen:
    """A GPEN of random weights, nothing of it 0 or 1."""
    torch.manual_seed(size)
    widths = _WIDTHS.get(size)
    shape = GpenShape.published(size, multiplier=2, narrow=1.0, style_width=512, mapping_depth=8)
    network = Gpen(shape if widths is None else GpenShape(widths, 24, depth))
    for name, value in network.named_parameters():
        if name.endswith(("map_weight", "bias")):
            value.data = value.data + 0.3 * torch.randn_like(value)
    return network.eval().requires_grad_(False)


def exported(
    network: Gpen, *, opset: int, folding: bool = True, newer: bool = False, upfirdn: bool = False
) -> ModelProto:
    """The published graph of a network, by one of torch's exporters."""
    side, data = network.shape.size, io.BytesIO()
    graph = PublishedGraph(network, upfirdn=upfirdn).eval()
    options: dict[str, Any] = {"opset_version": opset, "dynamo": newer, "verbose": False}
    if not newer:
        options["do_constant_folding"] = folding
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(graph, (torch.zeros(1, 3, side, side),), data, **options)
        if newer:
            assert program is not None
            return program.model_proto
    return onnx.load_model_from_string(data.getvalue())


def numbered(model: ModelProto) -> ModelProto:
    """The same with numbers for names."""
    names: dict[str, str] = {}

    def number(name: str) -> str:
        return names.setdefault(name, str(len(names))) if name else name

    graph = model.graph
    for value in (*graph.input, *graph.output, *graph.initializer):
        value.name = number(value.name)
    for node in graph.node:
        node.name = ""
        node.input[:] = [number(name) for name in node.input]
        node.output[:] = [number(name) for name in node.output]
    del graph.value_info[:]
    return model


def in_half(model: ModelProto) -> ModelProto:
    """The same with weights of float16, and casts where it takes and gives float32."""
    graph = model.graph
    for tensor in graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            half = numpy_helper.to_array(tensor).astype(np.float16)
            tensor.CopyFrom(numpy_helper.from_array(half, tensor.name))
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.name == "value" and attribute.t.data_type == TensorProto.FLOAT:
                half = numpy_helper.to_array(attribute.t).astype(np.float16)
                attribute.t.CopyFrom(numpy_helper.from_array(half))
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == 1:
                attribute.i = TensorProto.FLOAT16
    taken, given = graph.input[0].name, graph.output[0].name
    for node in graph.node:
        node.input[:] = ["taken16" if name == taken else name for name in node.input]
        node.output[:] = ["given16" if name == given else name for name in node.output]
    first = helper.make_node("Cast", [taken], ["taken16"], to=TensorProto.FLOAT16)
    last = helper.make_node("Cast", ["given16"], [given], to=TensorProto.FLOAT)
    nodes = [first, *graph.node, last]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]
    return model


def tools() -> Iterator[tuple[str, Change]]:
    """Optimisers of graphs that are installed."""
    if importlib.util.find_spec("onnxsim"):
        import onnxsim  # noqa: PLC0415

        yield "onnxsim", lambda model: onnxsim.simplify(model)[0]
    if importlib.util.find_spec("onnxslim"):
        import onnxslim  # noqa: PLC0415

        yield "onnxslim", onnxslim.slim
    if importlib.util.find_spec("onnxoptimizer"):
        import onnxoptimizer  # noqa: PLC0415

        yield "onnxoptimizer", onnxoptimizer.optimize


def ways() -> Iterator[tuple[str, dict[str, Any], Change]]:
    """What each is called, how it is exported, and what is done to the graph then."""

    def same(model: ModelProto) -> ModelProto:
        return model

    for opset in (11, 12, 13, 14, 15, 16, 17, 18):
        yield f"opset {opset}", {"opset": opset}, same
    for opset in (11, 17):
        yield f"opset {opset}, not folded", {"opset": opset, "folding": False}, same
    yield "opset 17, upfirdn2d written out", {"opset": 17, "upfirdn": True}, same
    yield "opset 17, numbers for names", {"opset": 17}, numbered
    yield "opset 17, float16", {"opset": 17}, in_half
    if importlib.util.find_spec("onnxscript"):
        yield "opset 18, newer exporter", {"opset": 18, "newer": True}, same
        yield "the same, upfirdn2d", {"opset": 18, "newer": True, "upfirdn": True}, same
    for name, change in tools():
        yield f"opset 17, {name}", {"opset": 17}, change
        yield f"opset 13, upfirdn2d, {name}", {"opset": 13, "upfirdn": True}, change


def tried(network: Gpen, options: dict[str, Any], change: Change) -> dict[str, object]:
    """Export a network in one way, and read it back."""
    data = change(exported(network, **options)).SerializeToString()
    begun = time.process_time()
    try:
        state = gpen_state(data)
    except NotUnderstood as error:
        return {"understood": False, "why": str(error)}
    seconds = time.process_time() - begun
    again = Gpen.empty(network.shape)
    again.load_state_dict(from_published(state, network.shape))
    side = network.shape.size
    picture = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(7)) * 2 - 1
    with torch.inference_mode():
        ours = again(picture).numpy()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (theirs,) = session.run(None, {session.get_inputs()[0].name: picture.numpy()})
    difference, span = float(np.abs(ours - theirs).max()), float(np.abs(theirs).max())
    return {"understood": True, "difference": difference, "span": span, "seconds": seconds}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--only", nargs="+", help="names of ways, as they are printed")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    network, rows = made(arguments.size), {}
    for name, options, change in ways():
        if arguments.only and name not in arguments.only:
            continue
        try:
            row = tried(network, options, change)
        except Exception as error:  # a tool's failure is a row of its own
            row = {"failed": str(error).splitlines()[0][:90] if str(error) else repr(error)}
        rows[name] = row
        print(f"{name:34} {row}", flush=True)
    told = [row for row in rows.values() if "understood" in row]
    print(f"{sum(bool(row['understood']) for row in told)} of {len(told)} exports understood")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
