"""Running a face network of torch as it is, batch after batch."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from vidrestore.datatypes import Image
from vidrestore.errors import DeviceError


class TorchRestorer:
    """Restores face crops with any network; each result depends on its own crop alone.

    Args:
        network: takes and gives (N, 3, S, S) RGB in [-1, 1]; it is moved.
        size: S.
        device: where to compute.
        precision: float32 or bfloat16.
        batch: crops that go through the network together.
        threads: torch's CPU threads, for the whole process; 0 leaves them as they are.
    """

    def __init__(
        self,
        network: nn.Module,
        size: int,
        device: torch.device,
        precision: torch.dtype,
        *,
        batch: int,
        threads: int = 0,
    ) -> None:
        if device.type == "cpu" and threads:
            torch.set_num_threads(threads)
        self._size, self._device, self._dtype, self._batch = size, device, precision, batch
        self._network = network.to(device, precision)

    @property
    def size(self) -> int:
        """Side of the crops it takes, in pixels."""
        return self._size

    @property
    def batch(self) -> int:
        """Crops that go through the network together."""
        return self._batch

    @property
    def device_name(self) -> str:
        """Where it computes: "cpu", "cuda:0"."""
        return str(self._device)

    @property
    def precision(self) -> str:
        """What it computes in: "float32", "bfloat16"."""
        return str(self._dtype).removeprefix("torch.")

    def restore(self, crops: Image, /) -> Image:
        """Restore upright crops.

        Args:
            crops: (N, S, S, 3) RGB, uint8 or uint16 over the type's whole range; N may be 0.

        Returns:
            The same shape and type, newly allocated.

        Raises:
            DeviceError: if the device has too little memory for a batch.
            ValueError: if the crops have another shape or type.
        """
        side = self._size
        if crops.ndim != 4 or crops.shape[1:] != (side, side, 3):
            raise ValueError(f"crops are {crops.shape}, expected (N, {side}, {side}, 3)")
        if crops.dtype not in (np.uint8, np.uint16):
            raise ValueError(f"crops are {crops.dtype}, expected uint8 or uint16")
        restored = np.empty_like(crops, order="C")
        try:
            with torch.inference_mode():
                for first in range(0, len(crops), self._batch):
                    part = slice(first, first + self._batch)
                    restored[part] = self._restore_batch(crops[part])
        except torch.OutOfMemoryError as error:
            raise DeviceError(
                f"{self._device} has too little memory for {self._batch} faces at a time; "
                "lower --restore.batch or use --restore.device cpu"
            ) from error
        return restored

    def _restore_batch(self, crops: Image) -> Image:
        most = np.iinfo(crops.dtype).max
        samples = torch.from_numpy(crops.astype(np.float32)).permute(0, 3, 1, 2).to(self._device)
        picture = samples.div_(most / 2).sub_(1.0).to(self._dtype)
        result = self._network(picture).float().add_(1.0).mul_(most / 2).round_().clamp_(0, most)
        restored: Image = result.permute(0, 2, 3, 1).cpu().numpy().astype(crops.dtype)
        return restored
