"""The form in which networks of torch run on a device."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from vidrestore.restore.batched import BatchedGpen
from vidrestore.restore.confidence import Caution, Cautious
from vidrestore.restore.cuda_backend import CudaBackend
from vidrestore.restore.device import Precision
from vidrestore.restore.folded import FoldedGpen
from vidrestore.restore.network import Gpen
from vidrestore.restore.restorer import FaceRestorer, told_memory
from vidrestore.restore.streamed import StreamedRestorer
from vidrestore.restore.torch_restorer import TorchRestorer


def gpen_restorer(
    network: Gpen,
    device: torch.device,
    precision: Precision,
    batch: int,
    caution: Caution | None = None,
) -> FaceRestorer:
    """A restorer that runs a GPEN.

    Args:
        network: in float32 on the CPU; left as it is.
        device: where to compute.
        precision: what to compute in; weights are converted once.
        batch: crops that go through the network together; more are split.
        caution: tells how much of each result is taken; None takes all of it.

    Raises:
        DeviceError: if the device has too little memory for the weights.
    """
    form: Callable[[Tensor], Tensor]
    with told_memory(device, batch):
        if device.type == "cpu":
            form = FoldedGpen(network, precision.dtype)
        else:
            form = BatchedGpen(network, device, precision.dtype)
        if caution is not None:
            form = Cautious(form, caution, network.shape.size, device)
    return torch_restorer(form, network.shape.size, device, precision, batch)


def torch_restorer(
    network: Callable[[Tensor], Tensor],
    size: int,
    device: torch.device,
    precision: Precision,
    batch: int,
) -> FaceRestorer:
    """A restorer that runs any network, which lies on ``device`` already."""
    if device.type == "cpu":
        return TorchRestorer(network, size, precision, batch)
    backend = CudaBackend(network, size, device, tf32=precision is Precision.TF32)
    return StreamedRestorer(backend, size, device, precision, batch)
