"""Restoring on a device that copies and computes at the same time, several batches under way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Never

import numpy as np
import torch

from vidrestore.datatypes import Image
from vidrestore.errors import DeviceError
from vidrestore.restore.running.device import Precision
from vidrestore.restore.running.restorer import FaceRestorer
from vidrestore.restore.running.ring import Backend, Ring, padded
from vidrestore.stages import Pending

_SLOTS = 3


class StreamedRestorer(FaceRestorer):
    """Restores face crops while others are on their way to the device and back; for one thread.

    Args:
        backend: the device with the network.
        size: side S of the crops, px.
        device: as the report names it.
        precision: what the network computes in.
        batch: crops that go through the network together; more are split.
    """

    def __init__(
        self,
        backend: Backend[Any, Any],
        size: int,
        device: torch.device,
        precision: Precision,
        batch: int,
    ) -> None:
        super().__init__(size, device, precision.value, batch)
        self._backend = backend
        self._ring: Ring[Any, Any] | None = None

    @property
    def ahead(self) -> int:
        """Batches worth having under way: one that is computed and one that is downloaded."""
        return _SLOTS - 1

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of how it went."""
        return super().warnings + self._backend.warnings

    def restore(self, crops: Image, /) -> Image:
        """As :meth:`FaceRestorer.restore`."""
        return self.submit(crops)()

    def submit(self, crops: Image, /) -> Pending:
        """Send crops to the device; what goes wrong is raised when their result is asked for."""
        try:
            self._check(crops)
            return self._begun(crops)
        except (ValueError, DeviceError) as error:
            return partial(_raise, error)

    def _begun(self, crops: Image) -> Pending:
        restored = np.empty_like(crops, order="C")
        finish, first = _nothing, 0
        while first < len(crops):
            part = slice(first, first + self.batch)
            begun = self._begin(crops[part], restored[part])
            if begun is None:
                self._halve()
            else:
                finish, first = begun, part.stop
        return partial(_finished, finish, restored)

    def _begin(self, crops: Image, into: Image) -> Callable[[], None] | None:
        """Begin a batch: what finishes it, or None if the device lacks the memory."""
        try:
            ring = self._ready(padded(len(crops), self.batch), crops.dtype)
            return partial(ring.finish, ring.begin(crops, into))
        except torch.OutOfMemoryError:
            return None

    def _ready(self, count: int, dtype: np.dtype[Any]) -> Ring[Any, Any]:
        """A ring for batches of so many crops of a type; what is under way in another is taken."""
        ring = self._ring
        if ring is None or ring.dtype != dtype or ring.capacity < count:
            self._close()
            ring = self._ring = Ring(self._backend, _SLOTS, count, dtype)
        return ring

    def _close(self) -> None:
        """Take what is under way out of the ring, and give it up."""
        if self._ring is not None:
            self._ring.close()
            self._ring = None

    def _halve(self) -> None:
        """Give up all that was prepared for the batch, and go on with half of it."""
        self._close()
        self._backend.release()
        super()._halve()


def _nothing() -> None:
    """Finish no crops."""


def _finished(finish: Callable[[], None], restored: Image) -> Image:
    finish()
    return restored


def _raise(error: Exception) -> Never:
    raise error
