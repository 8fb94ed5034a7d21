"""Restoring with a network of torch, batch after batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vidrestore.datatypes import Image
from vidrestore.restore.device import Precision
from vidrestore.restore.restorer import FaceRestorer


class TorchRestorer(FaceRestorer):
    """Restores face crops with any network.

    Args:
        network: (N, 3, S, S) float32 RGB in [-1, 1], channels last, to the same; on ``device``.
        size: S.
        device: where the network lies.
        precision: what it computes in.
        batch: crops that go through the network together; more are split.
    """

    def __init__(
        self,
        network: Callable[[Tensor], Tensor],
        size: int,
        device: torch.device,
        precision: Precision,
        batch: int,
    ) -> None:
        super().__init__(size, device, precision.value, batch)
        self._network, self._tf32 = network, precision is Precision.TF32
        self._stream = None
        if device.type == "cuda":
            self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
            # The weights are still being converted on the stream that this one does not wait for.
            self._stream.wait_stream(torch.cuda.current_stream(device))

    def _restore_batch(self, crops: Image) -> Image:
        half = float(np.iinfo(crops.dtype).max) / 2
        with torch.inference_mode(), self._queue():
            samples = torch.from_numpy(np.array(crops, order="C"))  # torch wants to own its memory
            if self._stream is not None:
                samples = samples.pin_memory()
            # (N, S, S, 3) samples seen as (N, 3, S, S) are channels_last already.
            picture = samples.to(self._device, non_blocking=True).permute(0, 3, 1, 2)
            picture = picture.to(torch.float32).div_(half).sub_(1.0)
            return _samples(self._network(picture), half, crops.dtype)

    @contextmanager
    def _queue(self) -> Iterator[None]:
        """Work on an own stream of the GPU, so that others' work there need not be waited for."""
        if self._stream is None:
            yield
            return
        # cuDNN takes TF32 for float32 unless told not to.
        exact = torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=self._tf32)
        with torch.cuda.stream(self._stream), exact:
            yield


class InPrecision:
    """A module that computes in one precision between float32 pictures.

    Args:
        module: takes and gives (N, 3, S, S); it is moved and converted.
        device: where to compute.
        dtype: of its parameters and of what goes through it.
    """

    def __init__(self, module: nn.Module, device: torch.device, dtype: torch.dtype) -> None:
        self._module, self._dtype = module.eval().requires_grad_(False).to(device, dtype), dtype
        self._module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def __call__(self, picture: Tensor) -> Tensor:
        """(N, 3, S, S) float32 to the same."""
        result: Tensor = self._module(picture.to(self._dtype)).float()
        return result


def _samples(picture: Tensor, half: float, dtype: np.dtype[Any]) -> Image:
    """(N, 3, S, S) in [-1, 1] to rounded (N, S, S, 3) samples in main memory."""
    scaled = picture.add(1.0).mul_(half).round_().clamp_(0.0, 2 * half)
    if dtype == np.uint8:
        return scaled.to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
    # torch converts little to uint16; int32 holds it on the way.
    return scaled.to(torch.int32).permute(0, 2, 3, 1).cpu().numpy().astype(np.uint16)
