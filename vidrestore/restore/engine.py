"""The form in which a GPEN runs on a device."""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import Tensor

from vidrestore.restore.device import Precision
from vidrestore.restore.folded import FoldedGpen
from vidrestore.restore.network import Gpen
from vidrestore.restore.restorer import told_memory
from vidrestore.restore.torch_restorer import InPrecision, TorchRestorer


def gpen_restorer(
    network: Gpen, device: torch.device, precision: Precision, batch: int
) -> TorchRestorer:
    """A restorer that runs a GPEN.

    Args:
        network: in float32 on the CPU; left as it is.
        device: where to compute.
        precision: what to compute in; weights are converted once.
        batch: crops that go through the network together; more are split.

    Raises:
        DeviceError: if the device has too little memory for the weights.
    """
    form: Callable[[Tensor], Tensor]
    with told_memory(device, batch):
        if device.type == "cpu":
            form = FoldedGpen(network, precision.dtype)
        else:
            form = InPrecision(copy.deepcopy(network), device, precision.dtype)
    return TorchRestorer(form, network.shape.size, device, precision, batch)
