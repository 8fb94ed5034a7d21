from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stand_ins.fakes import Repeat
from vidrestore import pipeline
from vidrestore.pipeline import Channel, Interrupted, NamedStage, Timings, chain, run


def collect(source, workers=(), **options):
    got = []
    run(source, workers, got.append, **{"capacity": 2, **options})
    return got


def named(*stages):
    return [NamedStage(f"stage-{i}", stage) for i, stage in enumerate(stages)]


@given(
    count=st.integers(0, 40),
    delays=st.lists(st.lists(st.integers(0, 7), max_size=3), max_size=3),
    capacity=st.integers(1, 5),
)
def test_every_item_arrives_once_and_in_order(count, delays, capacity):
    workers = [(f"w{i}", named(*(Repeat(1, d) for d in ds))) for i, ds in enumerate(delays)]
    assert collect(range(count), workers, capacity=capacity) == list(range(count))


def test_a_stage_may_give_several_items_for_one():
    assert collect(range(3), [("w", named(Repeat(2, 1)))]) == [0, 0, 1, 1, 2, 2]


def test_chain_flushes_each_stage_into_the_next():
    assert list(chain(range(4), named(Repeat(1, 3), Repeat(1, 3)))) == [0, 1, 2, 3]


class Failing:
    def __init__(self, at, error):
        self.at, self.error = at, error

    def push(self, item):
        if item == self.at:
            raise self.error
        return [item]

    def flush(self):
        return []


def endless():
    item = 0
    while True:
        yield item
        item += 1


def failing_source(error):
    yield 0
    raise error


@pytest.mark.parametrize("position", [0, 1])
def test_an_error_in_a_worker_ends_the_run_with_that_error(position):
    error = RuntimeError("broken")
    stages = [Repeat(), Repeat()]
    stages[position] = Failing(5, error)
    before = threading.active_count()
    with pytest.raises(RuntimeError, match="broken") as caught:
        collect(endless(), [("a", named(stages[0])), ("b", named(stages[1]))])
    assert caught.value is error
    assert threading.active_count() == before


def test_an_error_in_the_source_ends_the_run():
    with pytest.raises(OSError, match="disc gone"):
        collect(failing_source(OSError("disc gone")), [("w", named(Repeat()))])


def test_an_error_in_the_consumer_ends_the_run():
    def consume(item):
        if item == 3:
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        run(endless(), [("w", named(Repeat()))], consume, capacity=1)


def test_the_stop_event_interrupts_an_endless_run():
    stop = threading.Event()
    got = []

    def consume(item):
        got.append(item)
        if len(got) == 10:
            stop.set()

    with pytest.raises(Interrupted):
        run(endless(), [("w", named(Repeat()))], consume, capacity=1, stop=stop)
    assert got[:10] == list(range(10))


class FailingBeside:
    """Fails at the second item, once a stage behind it is at work on the first."""

    def __init__(self, busy):
        self.busy, self.thread = busy, None

    def push(self, item):
        if item == 0:
            self.thread = threading.current_thread()
            return [item]
        self.busy.wait(120)
        raise RuntimeError("broken")

    def flush(self):
        return []


class Hanging:
    """Hangs until it is released; has the run stopped once that of ``failing`` is over."""

    def __init__(self, failing, stop):
        self.failing, self.stop = failing, stop
        self.release, self.ended = threading.Event(), threading.Event()
        self.thread = None

    def push(self, item):
        self.thread = threading.current_thread()
        self.failing.busy.set()
        self.failing.thread.join(120)
        self.stop.set()
        self.release.wait(120)
        self.ended.set()
        return [item]

    def flush(self):
        return []


def test_a_stop_is_heard_while_a_run_that_failed_waits_for_a_stage_that_hangs(monkeypatch):
    monkeypatch.setattr(pipeline, "STOP_SECONDS", 0.0)
    stop = threading.Event()
    failing = FailingBeside(threading.Event())
    hanging = Hanging(failing, stop)
    with pytest.raises(RuntimeError, match="broken"):
        collect(endless(), [("a", named(failing)), ("b", named(hanging))], stop=stop)
    waited = hanging.ended.is_set()
    hanging.release.set()
    hanging.thread.join(120)
    assert not waited


def test_queues_are_bounded():
    """The source runs ahead of a stuck consumer by what the queues hold, and no further."""
    made = []
    release = threading.Event()
    capacity, workers = 3, 2

    def source():
        for item in range(100):
            made.append(item)
            if len(made) == 2 * capacity:
                release.set()
            yield item

    seen = []

    def consume(item):
        release.wait(120)
        seen.append((item, len(made)))

    stages = [(f"w{i}", named(Repeat())) for i in range(workers)]
    run(source(), stages, consume, capacity=capacity)
    threads_in_flight = workers + 2
    ahead = [count - item for item, count in seen]
    assert max(ahead) <= capacity * (workers + 1) + threads_in_flight


def test_timings_name_every_stage():
    timings = Timings()
    collect(range(5), [("w", named(Repeat(), Repeat()))], timings=timings)
    assert set(timings.seconds) == {"decode", "stage-0", "stage-1", "encode"}
    assert all(seconds >= 0 for seconds in timings.seconds.values())


def test_a_halted_channel_wakes_a_waiting_producer():
    channel: Channel[int] = Channel(1)
    channel.put(0)
    errors = []

    def produce():
        try:
            channel.put(1)
        except Exception as error:  # the private signal itself is not the contract
            errors.append(error)

    thread = threading.Thread(target=produce)
    thread.start()
    channel.halt()
    thread.join(120)
    assert not thread.is_alive()
    assert len(errors) == 1


def test_a_thread_that_cannot_start_ends_those_that_did(monkeypatch):
    started = []
    start = threading.Thread.start

    def refuse(thread):
        if thread.name == "vidrestore-encode":
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="can't start"):
        collect(endless(), [("w", named(Repeat()))])
    assert len(started) == 2
    assert not any(thread.is_alive() for thread in started)
