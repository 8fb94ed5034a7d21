"""A GPEN in the form in which it runs best on a device."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from vidrestore.restore.gpen.batched import BatchedGpen
from vidrestore.restore.gpen.confidence import Cautious, Confidence
from vidrestore.restore.gpen.folded import FoldedGpen
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.running.device import Precision
from vidrestore.restore.running.engine import torch_restorer
from vidrestore.restore.running.restorer import FaceRestorer, as_device_full


def gpen_restorer(
    network: Gpen,
    device: torch.device,
    precision: Precision,
    batch: int,
    confidence: Confidence | None = None,
) -> FaceRestorer:
    """A restorer that runs a GPEN.

    Args:
        network: in float32 on the CPU; left as it is.
        device: where to compute.
        precision: what to compute in; weights are converted once.
        batch: crops that go through the network together; more are split.
        confidence: tells how much of each result is taken; None takes all of it.

    Raises:
        DeviceError: if the device has too little memory for the weights.
    """
    form: Callable[[Tensor], Tensor]
    with as_device_full(device, batch):
        if device.type == "cpu":
            form = FoldedGpen(network, precision.dtype)
        else:
            form = BatchedGpen(network, device, precision.dtype)
        if confidence is not None:
            form = Cautious(form, confidence, device)
    return torch_restorer(form, network.shape.size, device, precision, batch)
