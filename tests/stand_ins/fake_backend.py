"""Devices for a ring that need no GPU: one that works in any order, and one that keeps time."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import torch

from vidrestore.datatypes import Image
from vidrestore.restore.running.ring import Queue


class Step(NamedTuple):
    """Something in a queue: a change to ``writes`` from ``reads``, or an event to wait for."""

    number: int
    do: Callable[[], object]
    reads: Image | None = None
    writes: Image | None = None
    awaits: int | None = None


class ShuffledBackend:
    """Carries out its queues in any order that events allow, and watches over the buffers.

    A step that overtakes an earlier one on the same buffer fails, and so does a host that touches
    a buffer which is still in use: what a missing event would spoil only now and then on a GPU.

    Args:
        side: S.
        seed: of the order.
        holds: crops that fit on the device at a time; more raise ``torch.OutOfMemoryError``.
        change: what the network does.
    """

    def __init__(
        self,
        side: int,
        seed: int = 0,
        holds: int = 1000,
        change: Callable[[Image], Image] = lambda crops: ~crops,
    ) -> None:
        self.side, self.holds, self.change = side, holds, change
        self.random = random.Random(seed)
        self.queues: dict[Queue, deque[Step]] = {queue: deque() for queue in Queue}
        self.computed: list[int] = []
        self.buffers = self.releases = 0
        self.warnings: tuple[str, ...] = ()
        self._happened: set[int] = set()
        self._number = 0

    def host_buffer(self, count: int, dtype: np.dtype[Any]) -> Image:
        self.buffers += 1
        noise = np.random.default_rng(self.buffers)
        shape = (count, self.side, self.side, 3)
        return noise.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)

    device_buffer = host_buffer

    def fill(self, buffer: Image, crops: Image) -> None:
        self._progress()
        assert not any(buffer is used for used in self._used(reads=True)), "still to be uploaded"
        buffer[: len(crops)] = crops

    def read(self, buffer: Image, into: Image) -> None:
        assert not any(buffer is used for used in self._used(reads=False)), "not yet downloaded"
        into[:] = buffer[: len(into)]

    def copy(self, queue: Queue, source: Image, target: Image, count: int) -> None:
        self._put(queue, lambda: np.copyto(target[:count], source[:count]), source, target)

    def compute(self, source: Image, target: Image, count: int) -> None:
        if count > self.holds:
            raise torch.OutOfMemoryError("no")
        self.computed.append(count)
        work = lambda: np.copyto(target[:count], self.change(source[:count]))  # noqa: E731
        self._put(Queue.COMPUTE, work, source, target)

    def record(self, queue: Queue) -> int:
        event = self._number
        self._put(queue, lambda: self._happened.add(event))
        return event

    def wait(self, queue: Queue, event: int) -> None:
        self._put(queue, lambda: None, awaits=event)

    def synchronise(self, event: int) -> None:
        while event not in self._happened:
            self.step()

    def release(self) -> None:
        self.releases += 1
        while any(self.queues.values()):
            self.step()

    def step(self, queues: Iterable[Queue] = tuple(Queue)) -> None:
        """Do what comes next in one of the queues that need not wait."""
        able = [queue for queue in queues if self.queues[queue] and self._may(queue)]
        assert able, "everything waits for something that never happens"
        step = self.queues[self.random.choice(able)].popleft()
        self._watch(step)
        step.do()

    def _put(
        self,
        queue: Queue,
        do: Callable[[], object],
        reads: Image | None = None,
        writes: Image | None = None,
        awaits: int | None = None,
    ) -> None:
        self.queues[queue].append(Step(self._number, do, reads, writes, awaits))
        self._number += 1
        self._progress()

    def _progress(self) -> None:
        """Let the device go on for a while."""
        for _ in range(self.random.randrange(3)):
            if any(steps and self._may(queue) for queue, steps in self.queues.items()):
                self.step()

    def _may(self, queue: Queue) -> bool:
        awaits = self.queues[queue][0].awaits
        return awaits is None or awaits in self._happened

    def _watch(self, step: Step) -> None:
        for other in (step for steps in self.queues.values() for step in steps):
            if other.number < step.number:
                for mine in (step.reads, step.writes):
                    assert mine is None or mine is not other.writes, "read or written too soon"
                assert step.writes is None or step.writes is not other.reads, "written too soon"

    def _used(self, *, reads: bool) -> Iterable[Image | None]:
        for step in (step for steps in self.queues.values() for step in steps):
            yield step.writes
            if reads:
                yield step.reads


class TimedBackend(ShuffledBackend):
    """Says when things would have been done, if each step took its time and nothing else did.

    Args:
        takes: of each queue's steps, in any unit.
    """

    def __init__(self, side: int, takes: dict[Queue, int]) -> None:
        super().__init__(side)
        self.takes, self.now = takes, 0
        self.free = dict.fromkeys(Queue, 0)
        self.spans: list[tuple[Queue, int, int]] = []
        self._when: dict[int, int] = {}

    def copy(self, queue: Queue, source: Image, target: Image, count: int) -> None:
        self._span(queue)
        super().copy(queue, source, target, count)

    def compute(self, source: Image, target: Image, count: int) -> None:
        self._span(Queue.COMPUTE)
        super().compute(source, target, count)

    def record(self, queue: Queue) -> int:
        event = super().record(queue)
        self._when[event] = self.free[queue]
        return event

    def wait(self, queue: Queue, event: int) -> None:
        self.free[queue] = max(self.free[queue], self._when[event])
        super().wait(queue, event)

    def synchronise(self, event: int) -> None:
        self.now = max(self.now, self._when[event])
        super().synchronise(event)

    def _span(self, queue: Queue) -> None:
        begin = max(self.now, self.free[queue])
        self.free[queue] = begin + self.takes[queue]
        self.spans.append((queue, begin, self.free[queue]))
