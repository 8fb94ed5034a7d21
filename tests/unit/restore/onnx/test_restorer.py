from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from tests.made_files.hostile.onnx_graphs import onnx_graph
from vidrestore.errors import DeviceError, ModelError
from vidrestore.restore.onnx import restorer as onnx_restorer
from vidrestore.restore.onnx.restorer import OnnxRestorer

CPU = torch.device("cpu")


def running(graph: bytes, device: torch.device = CPU, fidelity: float = 0.5) -> OnnxRestorer:
    return OnnxRestorer(graph, device, 1, threads=0, fidelity=fidelity, tf32=False)


def crops(count: int = 2, side: int = 32) -> np.ndarray:
    return np.random.default_rng(4).integers(0, 256, (count, side, side, 3), np.uint8)


def test_the_graph_sees_rgb_from_minus_one_to_one() -> None:
    """The same sums as the graph's, in numpy."""
    given = crops(1)
    graph = running(onnx_graph())
    kernel = np.random.default_rng(2).normal(0, 0.2, (3, 3, 3, 3)).astype(np.float32)
    picture = torch.from_numpy(given / 127.5 - 1).permute(0, 3, 1, 2).float()
    wanted = torch.nn.functional.conv2d(picture, torch.from_numpy(kernel), padding=1).tanh()
    wanted = ((wanted + 1) * 127.5).round().permute(0, 2, 3, 1).numpy()
    assert np.abs(graph.restore(given) - wanted).max() <= 1
    assert (graph.size, graph.batch, graph.precision) == (32, 1, "float32")


def test_half_precision_graphs_are_run_as_they_are() -> None:
    half = running(onnx_graph(kind=TensorProto.FLOAT16))
    whole = running(onnx_graph())
    assert half.precision == "float16"
    assert np.abs(half.restore(crops()).astype(int) - whole.restore(crops())).max() <= 2


def test_a_cpu_computes_half_precision_graphs_in_float32() -> None:
    """What the gate relies on: 240,000, too much for float16, survives between two layers."""
    factors = (60_000.0, 4.0, 1 / 1024, 1 / 234.375)
    names = ["input", "a", "b", "c", "output"]
    kind, shape = TensorProto.FLOAT16, [1, 3, 32, 32]
    kernels = [
        numpy_helper.from_array((factor * np.eye(3))[:, :, None, None].astype(np.float16), f"w{i}")
        for i, factor in enumerate(factors)
    ]
    graph = helper.make_graph(
        [
            helper.make_node("Conv", [names[i], f"w{i}"], [names[i + 1]])
            for i in range(len(factors))
        ],
        "large between",
        [helper.make_tensor_value_info("input", kind, shape)],
        [helper.make_tensor_value_info("output", kind, shape)],
        kernels,
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    restorer = running(model.SerializeToString())
    assert np.abs(restorer.restore(crops()).astype(int) - crops()).max() <= 1


def test_the_fidelity_weight_reaches_the_graph() -> None:
    none = running(onnx_graph(fidelity=True), fidelity=0.0)
    assert (none.restore(crops()) == 128).all()
    full = running(onnx_graph(fidelity=True), fidelity=1.0)
    assert full.restore(crops()).std() > 10


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"channels": 1}, "takes"),
        ({"side": "side"}, "of a fixed S"),
        ({"first": 0}, "takes"),
    ],
)
def test_other_networks_are_refused(options: dict[str, object], told: str) -> None:
    with pytest.raises(ModelError, match=told):
        running(onnx_graph(**options))


def test_what_onnxruntime_refuses_is_one_line() -> None:
    with pytest.raises(ModelError, match="cannot use") as caught:
        running(b"\x08\x08junk")
    assert len(str(caught.value).splitlines()) == 1


def test_a_gpu_without_a_provider_is_one_line() -> None:
    with pytest.raises(DeviceError, match="onnxruntime-gpu"):
        running(onnx_graph(), torch.device("cuda:0"))


def test_without_onnxruntime_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match=r"'\.\[onnx\]'"):
        running(onnx_graph())


class Cuda:
    """An onnxruntime with CUDA, as far as the choice of providers goes."""

    __version__ = "1.0"

    @staticmethod
    def get_available_providers() -> list[str]:
        return ["CUDAExecutionProvider", "CPUExecutionProvider"]


@pytest.mark.parametrize("tf32", [False, True])
def test_a_gpu_is_told_whether_tf32_will_do(monkeypatch: pytest.MonkeyPatch, tf32: bool) -> None:
    monkeypatch.setattr(onnx_restorer, "runtime", Cuda)
    (cuda, options), _ = onnx_restorer.providers(torch.device("cuda:1"), tf32=tf32)
    assert cuda == "CUDAExecutionProvider"
    assert options == {"device_id": "1", "use_tf32": "1" if tf32 else "0"}
