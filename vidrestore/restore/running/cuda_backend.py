"""An NVIDIA GPU as the device of a ring: streams, events, pinned memory and CUDA graphs.

Kept small on purpose: the order of things is that of ``ring.py``, which is tested
without a GPU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from vidrestore.datatypes import Image
from vidrestore.restore.running.ring import Queue
from vidrestore.restore.running.samples import carrier, pictures_of, samples_in, samples_of


class _Captured(NamedTuple):
    """A CUDA graph from the crops in ``source`` to those in ``target``."""

    graph: torch.cuda.CUDAGraph
    source: Tensor
    target: Tensor


class CudaBackend:
    """Runs a network on a GPU; uint8 or uint16 travels, and is a picture on the device alone.

    A number of crops that comes a second time is captured as a CUDA graph, so that its kernels are
    launched at once from then on. The graphs share their memory, as they run one after the other,
    and each reads and writes buffers of its own, so that one graph serves all slots.

    Args:
        network: (N, 3, S, S) float32 RGB in [-1, 1], channels last, to the same; on ``device``.
        size: S.
        device: a CUDA device with its index.
        tf32: whether convolutions of float32 may be computed in TF32.
    """

    def __init__(
        self,
        network: Callable[[Tensor], Tensor],
        size: int,
        device: torch.device,
        *,
        tf32: bool = False,
    ) -> None:
        self._network, self._size, self._device, self._tf32 = network, size, device, tf32
        loading = torch.cuda.current_stream(device)
        self._streams = {}
        for queue in Queue:
            self._streams[queue] = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
            # The weights are still being converted on a stream that others do not wait for.
            self._streams[queue].wait_stream(loading)
        self._graphs: dict[tuple[int, torch.dtype], _Captured | None] = {}
        self._pool: Any = None
        self._warnings: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Whether it had to do without CUDA graphs."""
        return self._warnings

    def host_buffer(self, count: int, dtype: np.dtype[Any]) -> Tensor:
        """Pinned, as copies that go on by themselves need it."""
        with _memory_explained():
            return torch.empty(self._shape(count), dtype=carrier(dtype), pin_memory=True)

    def device_buffer(self, count: int, dtype: np.dtype[Any]) -> Tensor:
        """On the device."""
        # Memory that was freed on the compute stream may still be in use there, while the upload
        # would not wait for it; on the upload stream nothing but such buffers is ever freed.
        with torch.cuda.stream(self._streams[Queue.UPLOAD]):
            return torch.empty(self._shape(count), dtype=carrier(dtype), device=self._device)

    def fill(self, buffer: Tensor, crops: Image) -> None:
        """Write crops into a host buffer."""
        samples_in(buffer)[: len(crops)] = crops

    def read(self, buffer: Tensor, into: Image) -> None:
        """Read crops out of a host buffer."""
        into[:] = samples_in(buffer)[: len(into)]

    def copy(self, queue: Queue, source: Tensor, target: Tensor, count: int) -> None:
        """Copy so many crops, without waiting."""
        with torch.inference_mode(), torch.cuda.stream(self._streams[queue]):
            target[:count].copy_(source[:count], non_blocking=True)

    def compute(self, source: Tensor, target: Tensor, count: int) -> None:
        """Restore so many crops, without waiting."""
        with self._computing(), _memory_explained():
            captured = self._graph(count, source.dtype)
            if captured is None:
                target[:count].copy_(self._restored(source[:count]))
                return
            captured.source.copy_(source[:count])
            captured.graph.replay()
            target[:count].copy_(captured.target)

    def record(self, queue: Queue) -> torch.cuda.Event:
        """An event of a stream; who waits for it sleeps, as the CPU has other work."""
        event = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
        event.record(self._streams[queue])
        return event

    def wait(self, queue: Queue, event: torch.cuda.Event) -> None:
        """Let a stream wait for an event."""
        self._streams[queue].wait_event(event)

    def synchronise(self, event: torch.cuda.Event) -> None:
        """Wait for an event."""
        event.synchronize()

    def release(self) -> None:
        """Wait for all streams, forget the graphs and give back their memory."""
        torch.cuda.synchronize(self._device)
        self._graphs.clear()
        self._pool = None
        torch.cuda.empty_cache()

    def _shape(self, count: int) -> tuple[int, ...]:
        return count, self._size, self._size, 3

    @contextmanager
    def _computing(self) -> Iterator[None]:
        """On the compute stream; cuDNN takes TF32 for float32 unless told not to.

        It is not let try which algorithm is fastest: the same job is to give the same bits.
        """
        flags = torch.backends.cudnn.flags(
            enabled=True, benchmark=False, deterministic=True, allow_tf32=self._tf32
        )
        with torch.inference_mode(), torch.cuda.stream(self._streams[Queue.COMPUTE]), flags:
            yield

    def _restored(self, samples: Tensor) -> Tensor:
        return samples_of(self._network(pictures_of(samples)), samples.dtype)

    def _graph(self, count: int, dtype: torch.dtype) -> _Captured | None:
        """The graph for so many crops; None the first time, and where none can be captured."""
        key = count, dtype
        if key not in self._graphs:
            self._graphs[key] = None
        elif self._graphs[key] is None and not self._warnings:
            self._graphs[key] = self._capture(count, dtype)
        return self._graphs[key]

    def _capture(self, count: int, dtype: torch.dtype) -> _Captured | None:
        source = torch.zeros(self._shape(count), dtype=dtype, device=self._device)
        target = torch.empty_like(source)
        # Once before, as it will be captured: this thread's handles and cuDNN's choices are made.
        target.copy_(self._restored(source))
        graph, stream = torch.cuda.CUDAGraph(), self._streams[Queue.COMPUTE]
        try:
            with torch.cuda.graph(
                graph, pool=self._pool, stream=stream, capture_error_mode="thread_local"
            ):
                target.copy_(self._restored(source))
        except RuntimeError as error:
            if _lacks_memory(error):
                raise
            reason = " ".join(str(error).split())[:160]
            self._warnings = (
                f"{self._device} could not capture the network as a CUDA graph ({reason}): "
                "it ran without one, the same but slower",
            )
            return None
        self._pool = graph.pool()
        return _Captured(graph, source, target)


@contextmanager
def _memory_explained() -> Iterator[None]:
    """Raise every lack of memory as torch's own error for it."""
    try:
        yield
    except RuntimeError as error:
        if isinstance(error, torch.OutOfMemoryError) or not _lacks_memory(error):
            raise
        raise torch.OutOfMemoryError(str(error)) from error


def _lacks_memory(error: BaseException | None) -> bool:
    """Whether an error is one of memory, or was raised while one was handled.

    Pinned memory, cuDNN and cuBLAS have errors of their own, and so has the end of a capture.
    """
    while error is not None:
        if isinstance(error, torch.OutOfMemoryError) or any(
            words in str(error) for words in ("out of memory", "ALLOC_FAILED")
        ):
            return True
        error = error.__context__
    return False
