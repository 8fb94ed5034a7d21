"""The form in which networks of torch run on a device."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from vidrestore.restore.running.cuda_backend import CudaBackend
from vidrestore.restore.running.device import Precision
from vidrestore.restore.running.restorer import FaceRestorer
from vidrestore.restore.running.streamed import StreamedRestorer
from vidrestore.restore.running.torch_restorer import TorchRestorer


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
