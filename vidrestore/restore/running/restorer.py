"""What all restorers of this package share: how they are described, their checks, their batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from vidrestore.datatypes import Image
from vidrestore.errors import DeviceFullError


class FaceRestorer(ABC):
    """Restores face crops in batches; each result depends on its own crop alone.

    Memory that is too short for a batch halves it, for this and all later ones; no crop is left
    out, and ``warnings`` says so once.

    Args:
        size: side S of the crops, px.
        device: where it computes.
        precision: as the report names it.
        batch: crops that go through the network together; more are split.
    """

    def __init__(self, size: int, device: torch.device, precision: str, batch: int) -> None:
        if batch < 1:
            raise ValueError(f"a batch of {batch}; at least 1")
        self._size, self._device, self._precision, self._batch = size, device, precision, batch
        self._warnings: tuple[str, ...] = ()

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
        """What it computes in: "float32", "tf32", "bfloat16", "float16"."""
        return self._precision

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of how it went."""
        return self._warnings

    @abstractmethod
    def restore(self, crops: Image, /) -> Image:
        """Restore upright crops.

        Args:
            crops: (N, S, S, 3) RGB, uint8 or uint16 over the type's whole range; N may be 0.

        Returns:
            The same shape and type, newly allocated.

        Raises:
            DeviceError: if the device has too little memory for a single crop, or fails.
            ValueError: if the crops have another shape or type.
        """

    def _check(self, crops: Image) -> None:
        side = self._size
        if crops.ndim != 4 or crops.shape[1:] != (side, side, 3):
            raise ValueError(f"crops are {crops.shape}, expected (N, {side}, {side}, 3)")
        if crops.dtype not in (np.uint8, np.uint16):
            raise ValueError(f"crops are {crops.dtype}, expected uint8 or uint16")

    def _halve(self) -> None:
        """Go on with half the batch, and say so once."""
        if self._batch == 1:
            raise DeviceFullError(_too_little(self._device, 1))
        if not self._warnings:
            self._warnings = (
                f"{self._device} has too little memory for {self._batch} faces at a time: smaller "
                "batches were taken, none was dropped; a lower restore.batch saves the tries",
            )
        self._batch //= 2


class BatchRestorer(FaceRestorer):
    """A restorer that waits for each batch; it says how one is restored."""

    def restore(self, crops: Image, /) -> Image:
        """As :meth:`FaceRestorer.restore`."""
        self._check(crops)
        restored = np.empty_like(crops, order="C")
        first = 0
        while first < len(crops):
            part = slice(first, first + self._batch)
            if self._fits(crops[part], restored[part]):
                first = part.stop
            else:
                self._halve()
        return restored

    @abstractmethod
    def _restore_batch(self, crops: Image) -> Image:
        """Restore at most ``batch`` crops, 1 or more."""

    def _fits(self, crops: Image, restored: Image) -> bool:
        """Restore a batch into ``restored``; False if the device lacks the memory."""
        try:
            restored[:] = self._restore_batch(crops)
        except torch.OutOfMemoryError:
            return False
        return True


@contextmanager
def as_device_full(device: torch.device, batch: int) -> Iterator[None]:
    """Turn the lack of device memory into one line."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise DeviceFullError(_too_little(device, batch)) from error


def _too_little(device: torch.device, batch: int) -> str:
    return (
        f"{device} has too little memory for {batch} faces at a time; "
        "lower restore.batch or use restore.device cpu"
    )
