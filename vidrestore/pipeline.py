"""Runs stages in threads with bounded queues between them; knows no concrete stage.

::

    source -> [worker: stage, stage, ...] -> [worker: ...] -> consume

The source, each worker and the consumer have a thread of their own. Memory is bounded because every
queue is; the first error anywhere, or the stop event, unblocks every thread and ends the run.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, ParamSpec, TypeVar

from vidrestore.errors import Interrupted
from vidrestore.runtime.stoppable import leave_behind
from vidrestore.stages import Stage

T = TypeVar("T")
P = ParamSpec("P")

# How long a Ctrl-C may go unnoticed while every thread is busy.
STOP_POLL_SECONDS = 0.1
# How long a stopped run waits for what is at work: a stage that somebody brought may hang.
STOP_SECONDS = 20.0


class _Halted(Exception):  # noqa: N818 - a signal between threads, never seen outside
    """The run is over; leave."""


class Channel(Generic[T]):
    """A bounded queue between two threads that either side can close.

    Args:
        capacity: items that may wait; a producer blocks beyond it.
    """

    def __init__(self, capacity: int) -> None:
        self._items: deque[T] = deque()
        self._capacity = capacity
        self._changed = threading.Condition()
        self._closed = False
        self._halted = False

    def put(self, item: T) -> None:
        """Append, waiting for room; raises when the run was halted."""
        with self._changed:
            self._changed.wait_for(lambda: self._halted or len(self._items) < self._capacity)
            if self._halted:
                raise _Halted
            self._items.append(item)
            self._changed.notify_all()

    def close(self) -> None:
        """No more items will come; what is queued is still delivered."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def halt(self) -> None:
        """Drop everything and wake both sides."""
        with self._changed:
            self._halted = True
            self._items.clear()
            self._changed.notify_all()

    def __iter__(self) -> Iterator[T]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._halted or self._items or self._closed)
                if self._halted:
                    raise _Halted
                if not self._items:
                    return
                item = self._items.popleft()
                self._changed.notify_all()
            yield item


@dataclass(frozen=True)
class NamedStage:
    """A stage and the name its time is reported under."""

    name: str
    stage: Stage[Any, Any]


Worker = tuple[str, Sequence[NamedStage]]
"""Stages that share a thread, and its name."""


@dataclass
class Timings:
    """Seconds of work per stage, waiting not counted; one writer per name."""

    seconds: dict[str, float] = field(default_factory=dict)

    def timed(self, name: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call ``work`` and add what it took to ``name``."""
        begun = time.perf_counter()
        try:
            return work(*args, **kwargs)
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun


def chain(
    items: Iterable[Any], stages: Sequence[NamedStage], timings: Timings | None = None
) -> Iterable[Any]:
    """Feed items through stages one after the other, flushing each when its input ends."""
    timings = timings or Timings()
    for named in stages:
        items = _feed(items, named, timings)
    return items


def _feed(items: Iterable[Any], named: NamedStage, timings: Timings) -> Iterator[Any]:
    def push(item: Any) -> list[Any]:
        # A stage may answer lazily: the list makes its work happen inside the timer.
        return list(named.stage.push(item))

    for item in items:
        yield from timings.timed(named.name, push, item)
    yield from timings.timed(named.name, lambda: list(named.stage.flush()))


def _timed_iteration(items: Iterable[T], name: str, timings: Timings) -> Iterator[T]:
    iterator = iter(items)
    end = object()
    while True:
        item = timings.timed(name, lambda: next(iterator, end))
        if item is end:
            return
        yield item  # type: ignore[misc]


class _Run:
    """The threads of one run and the first thing that went wrong."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.error: BaseException | None = None
        self._lock = threading.Lock()
        self._channels: list[Channel[Any]] = []
        self._threads: list[threading.Thread] = []

    def channel(self, capacity: int) -> Channel[Any]:
        channel: Channel[Any] = Channel(capacity)
        self._channels.append(channel)
        return channel

    def thread(self, name: str, work: Callable[[], None]) -> None:
        self._threads.append(
            threading.Thread(
                target=self._guarded, args=(work,), name=f"vidrestore-{name}", daemon=True
            )
        )

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def fail(self, error: BaseException) -> None:
        with self._lock:
            if self.error is None:
                self.error = error
        for channel in self._channels:
            channel.halt()
        self.done.set()

    def join(self, stop: threading.Event) -> None:
        """Wait for the threads; once stopped, only as long as a stage of ours may take.

        Args:
            stop: counts whenever it is set, whatever ended the run.
        """
        end: float | None = None
        for thread in self._threads:
            if thread.ident is None:
                continue  # an interruption may come before all have started
            while thread.is_alive() and (end is None or time.monotonic() < end):
                if end is None and (stop.is_set() or self._interrupted):
                    end = time.monotonic() + STOP_SECONDS
                thread.join(STOP_POLL_SECONDS)
            if thread.is_alive():
                leave_behind(thread)

    @property
    def _interrupted(self) -> bool:
        return isinstance(self.error, Interrupted | KeyboardInterrupt)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except _Halted:
            return
        except BaseException as error:  # carried to the caller's thread, never lost
            self.fail(error)


def run(
    source: Iterable[Any],
    workers: Sequence[Worker],
    consume: Callable[[Any], None],
    *,
    capacity: int,
    stop: threading.Event | None = None,
    timings: Timings | None = None,
) -> None:
    """Move everything from the source through the workers into ``consume``.

    Args:
        source: yields items; runs in a thread of its own.
        workers: (name, stages) of each further thread, in order.
        consume: takes each finished item, in order, in the last thread.
        capacity: items that may wait between two threads.
        stop: set from outside to end early.
        timings: receives seconds per stage, "decode" and "encode" included.

    Raises:
        Interrupted: the stop event was set before anything went wrong.
        Exception: the first error of any thread, as it was raised there.
    """
    timings = timings or Timings()
    stop = stop or threading.Event()
    state = _Run()
    channels = [state.channel(capacity) for _ in range(len(workers) + 1)]

    def pump(items: Iterable[Any], into: Channel[Any]) -> None:
        for item in items:
            into.put(item)
        into.close()

    def drain() -> None:
        for item in channels[-1]:
            timings.timed("encode", consume, item)
        state.done.set()

    decoded = _timed_iteration(source, "decode", timings)
    state.thread("decode", partial(pump, decoded, channels[0]))
    for (name, stages), upstream, downstream in zip(workers, channels, channels[1:], strict=False):
        finished = chain(upstream, stages, timings)
        state.thread(name, partial(pump, finished, downstream))
    state.thread("encode", drain)

    try:
        state.start()
        while not state.done.wait(STOP_POLL_SECONDS):
            if stop.is_set():
                state.fail(Interrupted("stopped before the end"))
    except BaseException as error:
        state.fail(error)
        raise
    finally:
        state.join(stop)
    if state.error is not None:
        raise state.error
