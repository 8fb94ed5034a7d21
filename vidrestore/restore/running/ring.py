"""The order in which batches pass through a device that copies and computes at the same time.

A batch is uploaded, computed and downloaded, each on a queue of its own::

    upload    | n+1 |  n+2 | ...
    compute   |  n  |  n+1 | ...
    download  | n-1 |   n  | ...

Within a batch each step waits for the one before it, by an event; between batches nothing waits, so
the copies are hidden behind the computing. That is safe because batches share no buffer: each has
a slot, and a slot is used again only when its result has been taken out of it.

Nothing here knows what a device is: :class:`Backend` does, and the tests have one that carries out
its queues in any order that the events allow.
"""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np

from vidrestore.datatypes import Image

B = TypeVar("B")
E = TypeVar("E")


class Queue(Enum):
    """What is done in order; the three run side by side."""

    UPLOAD = auto()
    COMPUTE = auto()
    DOWNLOAD = auto()


class Backend(Protocol[B, E]):
    """A device; ``copy`` and ``compute`` return before they are done.

    A buffer of type ``B`` holds so many crops of uint8 or uint16. An event of type ``E`` stands for
    everything that its queue held when it was recorded.
    """

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of how it went."""
        ...

    def host_buffer(self, count: int, dtype: np.dtype[Any]) -> B:
        """A buffer in main memory that copies can use while they go on."""
        ...

    def device_buffer(self, count: int, dtype: np.dtype[Any]) -> B:
        """A buffer on the device; raises ``torch.OutOfMemoryError`` if there is no room."""
        ...

    def fill(self, buffer: B, crops: Image) -> None:
        """Write crops into a host buffer, at once."""
        ...

    def read(self, buffer: B, into: Image) -> None:
        """Read crops out of a host buffer, at once."""
        ...

    def copy(self, queue: Queue, source: B, target: B, count: int) -> None:
        """Copy so many crops."""
        ...

    def compute(self, source: B, target: B, count: int) -> None:
        """Restore so many crops, on the compute queue; may raise ``torch.OutOfMemoryError``."""
        ...

    def record(self, queue: Queue) -> E:
        """An event that happens when the queue has done all that it was given so far."""
        ...

    def wait(self, queue: Queue, event: E) -> None:
        """Let what the queue is given from now on wait for an event; returns at once."""
        ...

    def synchronise(self, event: E) -> None:
        """Wait until an event has happened."""
        ...

    def release(self) -> None:
        """Wait until all queues are empty, and give back memory kept for later."""
        ...


class _Slot(Generic[B]):
    """The buffers of one batch."""

    def __init__(self, backend: Backend[B, Any], count: int, dtype: np.dtype[Any]) -> None:
        self.given = backend.host_buffer(count, dtype)
        self.uploaded = backend.device_buffer(count, dtype)
        self.computed = backend.device_buffer(count, dtype)
        self.result = backend.host_buffer(count, dtype)


class _Flight(NamedTuple, Generic[B, E]):
    """A batch that has begun: where its result will lie, and where that belongs."""

    slot: _Slot[B]
    downloaded: E
    into: Image


class Ring(Generic[B, E]):
    """Slots that batches take in turn; for one thread.

    Args:
        backend: the device.
        slots: batches that may be under way; 3 keep three queues busy. They are made when needed.
        capacity: crops that a batch may hold.
        dtype: uint8 or uint16.
    """

    def __init__(
        self, backend: Backend[B, E], slots: int, capacity: int, dtype: np.dtype[Any]
    ) -> None:
        self.capacity, self.dtype = capacity, dtype
        self._backend, self._count = backend, slots
        self._slots: list[_Slot[B]] = []
        self._flights: deque[_Flight[B, E]] = deque()
        self._begun = self._finished = 0

    def begin(self, crops: Image, into: Image) -> int:
        """Start a batch, first waiting for the oldest one if all slots are taken.

        Args:
            crops: (n, S, S, 3) of the ring's type; not needed any more on return.
            into: of the same shape; where the result is written when it is finished.

        Returns:
            The batch's number, for :meth:`finish`.

        Raises:
            torch.OutOfMemoryError: this batch has not begun; those before it are not concerned.
        """
        if len(self._flights) == self._count:
            self.finish(self._finished)
        backend, slot, count = self._backend, self._free_slot(), len(crops)
        backend.fill(slot.given, crops)
        backend.copy(Queue.UPLOAD, slot.given, slot.uploaded, count)
        backend.wait(Queue.COMPUTE, backend.record(Queue.UPLOAD))
        backend.compute(slot.uploaded, slot.computed, padded(count, self.capacity))
        backend.wait(Queue.DOWNLOAD, backend.record(Queue.COMPUTE))
        backend.copy(Queue.DOWNLOAD, slot.computed, slot.result, count)
        self._flights.append(_Flight(slot, backend.record(Queue.DOWNLOAD), into))
        self._begun += 1
        return self._begun - 1

    def finish(self, number: int) -> None:
        """Wait for a batch and take out its result, and those of all batches before it."""
        while self._finished <= number:
            slot, downloaded, into = self._flights[0]
            self._backend.synchronise(downloaded)
            self._backend.read(slot.result, into)
            self._flights.popleft()
            self._finished += 1

    def close(self) -> None:
        """Finish all batches and let go of the buffers."""
        self.finish(self._begun - 1)
        self._slots.clear()

    def _free_slot(self) -> _Slot[B]:
        """The slot whose turn it is; batches finish in order, so it is free."""
        turn = self._begun % self._count
        if turn == len(self._slots):
            self._slots.append(_Slot(self._backend, self.capacity, self.dtype))
        return self._slots[turn]


def padded(count: int, batch: int) -> int:
    """The least of ``batch``, its half, the half of that and so on down to 1 that holds ``count``.

    Few sizes, so that a device has few to prepare for; and those that halving a batch leads to.
    """
    size = batch
    while size // 2 >= count:
        size //= 2
    return size
