"""Running face restoration networks that are published as ONNX graphs."""

from __future__ import annotations

from typing import Any

import torch

from vidrestore.datatypes import Image
from vidrestore.errors import DeviceError
from vidrestore.restore.onnx.graph import runtime
from vidrestore.restore.onnx.process import GraphProcess
from vidrestore.restore.running.restorer import BatchRestorer


class OnnxRestorer(BatchRestorer):
    """Restores face crops with an ONNX graph, which computes in a process of its own.

    Args:
        graph: the bytes of the file, looked through by ``weights.onnx_file`` before.
        device: a CPU or a CUDA device. A CPU computes graphs of float16 in float32.
        batch: crops that go through the network together, where the graph leaves that open.
        threads: CPU threads; 0 leaves the choice to onnxruntime.
        fidelity: CodeFormer's weight, from 0, the most restoration, to 1, the most likeness.
        tf32: whether a GPU may compute a graph of float32 in TF32.

    Raises:
        ModelError: onnxruntime is not installed or cannot use the graph, or it is no such network.
        DeviceError: this onnxruntime cannot compute on the device.
    """

    def __init__(
        self,
        graph: bytes,
        device: torch.device,
        batch: int,
        *,
        threads: int,
        fidelity: float,
        tf32: bool,
    ) -> None:
        chosen = providers(device, tf32=tf32)
        self._graph = GraphProcess(graph, chosen, threads=threads, fidelity=fidelity)
        precision = self._graph.precision
        if tf32 and precision == "float32":
            precision = "tf32"
        super().__init__(self._graph.size, device, precision, self._graph.fixed or batch)

    def _restore_batch(self, crops: Image) -> Image:
        try:
            return self._graph.restore(crops)
        except DeviceError as error:
            raise DeviceError(
                f"{error} on {self.device_name}; lower restore.batch or use restore.device cpu"
            ) from error


def computes_on(device: torch.device) -> bool:
    """Whether the installed onnxruntime has a provider for a device."""
    return _PROVIDERS.get(device.type) in runtime().get_available_providers()


_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


def providers(device: torch.device, *, tf32: bool) -> list[Any]:
    """What computes on a device, as onnxruntime takes it.

    Raises:
        ModelError: onnxruntime is not installed.
        DeviceError: it cannot compute there.
    """
    if not computes_on(device):
        raise DeviceError(
            f"onnxruntime {runtime().__version__} cannot compute on {device}; install "
            "onnxruntime-gpu in its place, or use restore.device cpu"
        )
    if device.type == "cpu":
        return [_PROVIDERS["cpu"]]
    # TF32 is on unless told otherwise. What CUDA lacks runs on the CPU.
    chosen = {"device_id": str(device.index or 0), "use_tf32": str(int(tf32))}
    return [(_PROVIDERS["cuda"], chosen), _PROVIDERS["cpu"]]
