"""A stand-in for torch.cuda that computes at once on the CPU: what it shows is that calls fit.

Streams and events do nothing; a graph notes the operations between its beginning and its end and
does them again, on the same tensors, when it is replayed. What a GPU alone can show (order between
streams, real memory, real kernels) is for tests/unit/restore/test_every_device.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map


class Stream:
    def __init__(self, device: torch.device | None = None) -> None:
        self.waited: list[object] = []

    def wait_stream(self, other: Stream) -> None:
        self.waited.append(other)

    def wait_event(self, event: Event) -> None:
        self.waited.append(event)


class Event:
    def __init__(self, *, blocking: bool = False) -> None:
        assert blocking, "who waits ought to sleep"

    def record(self, stream: Stream) -> None:
        self.stream = stream

    def synchronize(self) -> None:
        assert self.stream


class Graph(TorchDispatchMode):
    """Notes what is done, and does it again."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, Any, Any, Any]] = []
        self.replays = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, result))
        return result

    def replay(self) -> None:
        self.replays += 1
        made: dict[int, Any] = {}

        def current(value: Any) -> Any:
            return made.get(id(value), value)

        for func, args, kwargs, result in self.calls:
            again = func(*tree_map(current, args), **tree_map(current, kwargs))
            for old, new in zip(_tensors(result), _tensors(again), strict=True):
                made[id(old)] = new

    def pool(self) -> str:
        return "pool"


def _tensors(result: Any) -> list[Any]:
    return list(result) if isinstance(result, list | tuple) else [result]


class FakeCuda:
    """What happened, and what is to fail.

    Attributes:
        graphs: those captured.
        fails: raised instead of the next capture.
        pools: what memory each capture was told to share.
        emptied: how often cached memory was given back.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.graphs: list[Graph] = []
        self.pools: list[object] = []
        self.fails: Exception | None = None
        self.emptied = 0
        empty = torch.empty

        def unpinned(*args: Any, pin_memory: bool = False, **kwargs: Any) -> torch.Tensor:
            return empty(*args, **kwargs)

        monkeypatch.setattr(torch, "empty", unpinned)
        for name, value in (
            ("Stream", Stream),
            ("Event", Event),
            ("CUDAGraph", Graph),
            ("graph", self._graph),
            ("stream", lambda stream: nullcontext()),
            ("current_stream", lambda device: Stream()),
            ("synchronize", lambda device: None),
            ("empty_cache", self._empty),
        ):
            monkeypatch.setattr(torch.cuda, name, value)

    @contextmanager
    def _graph(self, graph: Graph, *, pool: object, stream: Stream, **_: str) -> Iterator[None]:
        if self.fails is not None:
            failure, self.fails = self.fails, None
            raise failure
        with graph:
            yield
        self.graphs.append(graph)
        self.pools.append(pool)

    def _empty(self) -> None:
        self.emptied += 1
