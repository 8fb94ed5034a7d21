"""Restoring on a CPU with a network of torch, and what makes any module such a network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from vidrestore.datatypes import Image
from vidrestore.restore.running.device import Precision
from vidrestore.restore.running.restorer import BatchRestorer
from vidrestore.restore.running.samples import carried, pictures_of, samples_in, samples_of


class TorchRestorer(BatchRestorer):
    """Restores face crops on the CPU with any network.

    Args:
        network: (N, 3, S, S) float32 RGB in [-1, 1], channels last, to the same.
        size: S.
        precision: what it computes in.
        batch: crops that go through the network together; more are split.
    """

    def __init__(
        self, network: Callable[[Tensor], Tensor], size: int, precision: Precision, batch: int
    ) -> None:
        super().__init__(size, torch.device("cpu"), precision.value, batch)
        self._network = network

    def _restore_batch(self, crops: Image) -> Image:
        samples = carried(np.array(crops, order="C"))  # torch wants to own what it reads
        with torch.inference_mode():
            return samples_in(samples_of(self._network(pictures_of(samples)), samples.dtype))


class InPrecision:
    """A module that computes in one precision between float32 pictures.

    Args:
        module: takes and gives (N, 3, S, S); it is moved and converted.
        device: where to compute.
        dtype: of its parameters and of what goes through it.
    """

    def __init__(self, module: nn.Module, device: torch.device, dtype: torch.dtype) -> None:
        self._module, self._dtype = module.eval().requires_grad_(False).to(device, dtype), dtype

    def __call__(self, picture: Tensor) -> Tensor:
        """(N, 3, S, S) float32 to the same."""
        result: Tensor = self._module(picture.to(self._dtype)).float()
        return result
