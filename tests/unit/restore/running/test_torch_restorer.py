from __future__ import annotations

import numpy as np
import torch

from vidrestore.restore.running.device import Precision
from vidrestore.restore.running.torch_restorer import InPrecision, TorchRestorer


class Noting(torch.nn.Module):
    """Inverts, and notes what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[torch.Tensor] = []

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        self.given.append(picture)
        return -picture


def test_a_network_is_given_batches_of_pictures_channels_last() -> None:
    network = Noting()
    restorer = TorchRestorer(network, 4, Precision.FLOAT32, 2)
    source = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 3), np.uint8)
    assert np.array_equal(restorer.restore(source), 255 - source)
    assert [len(picture) for picture in network.given] == [2, 2, 1]
    first = network.given[0]
    assert (first.dtype, first.shape[1:]) == (torch.float32, (3, 4, 4))
    assert first.is_contiguous(memory_format=torch.channels_last)
    assert first.is_inference()


def test_a_module_computes_in_its_precision_between_float32_pictures() -> None:
    module = Noting().train()
    form = InPrecision(module, torch.device("cpu"), torch.bfloat16)
    assert form(torch.ones(1, 3, 4, 4)).dtype == torch.float32
    assert module.given[0].dtype == torch.bfloat16
    assert not module.training
