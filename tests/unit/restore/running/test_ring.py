from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.stand_ins.fake_backend import ShuffledBackend, TimedBackend
from vidrestore.restore.running.ring import Queue, Ring, padded

SIDE = 2
UINT8 = np.dtype(np.uint8)


def crops(count: int, start: int = 0) -> np.ndarray:
    values = np.arange(start, start + count, dtype=np.uint8)
    return np.broadcast_to(values[:, None, None, None], (count, SIDE, SIDE, 3))


@given(
    counts=st.lists(st.integers(1, 5), max_size=12),
    slots=st.integers(1, 4),
    asked=st.data(),
    seed=st.integers(0, 10_000),
)
def test_results_are_right_whatever_the_device_does_first(
    counts: list[int], slots: int, asked: st.DataObject, seed: int
) -> None:
    """The device fails, too, when a buffer is used again before its download is done."""
    backend = ShuffledBackend(SIDE, seed)
    ring = Ring(backend, slots, 5, UINT8)
    given_, results = [], []
    for index, count in enumerate(counts):
        given_.append(crops(count, 10 * index))
        results.append(np.zeros_like(given_[-1]))
        assert ring.begin(given_[-1].copy(), results[-1]) == index
        if asked.draw(st.booleans()):
            number = asked.draw(st.integers(0, index))
            ring.finish(number)
            assert np.array_equal(results[number], 255 - given_[number])
    ring.close()
    for source, result in zip(given_, results, strict=True):
        assert np.array_equal(result, 255 - source)


class Careless(ShuffledBackend):
    """Lets a queue wait for nothing."""

    def wait(self, queue: Queue, event: int) -> None:
        """Forget it."""


class Hasty(ShuffledBackend):
    """Does not wait for its own downloads."""

    def synchronise(self, event: int) -> None:
        """Forget it."""


@pytest.mark.parametrize("kind", [Careless, Hasty])
def test_the_fake_notices_a_missing_event(kind: type[ShuffledBackend]) -> None:
    def run() -> None:
        for seed in range(50):
            ring = Ring(kind(SIDE, seed), 2, 3, UINT8)
            for _ in range(5):
                ring.begin(crops(3), np.zeros((3, SIDE, SIDE, 3), np.uint8))
            ring.close()

    with pytest.raises(AssertionError, match=r"too soon|still to be|not yet"):
        run()


def test_beginning_waits_for_nothing_while_there_are_slots() -> None:
    backend = ShuffledBackend(SIDE)
    backend._progress = lambda: None  # a device that has not begun yet
    ring, result = Ring(backend, 3, 2, UINT8), np.zeros((2, SIDE, SIDE, 3), np.uint8)
    for _ in range(3):
        ring.begin(crops(2), result)
    while backend.queues[Queue.UPLOAD]:
        backend.step([Queue.UPLOAD])  # all uploads may be done before the first is computed
    assert len(backend.queues[Queue.COMPUTE]) == 9


@pytest.mark.parametrize("takes", [(1, 1, 1), (1, 4, 1), (2, 3, 1)])
def test_three_slots_hide_the_copies(takes: tuple[int, int, int]) -> None:
    backend = TimedBackend(SIDE, dict(zip(Queue, takes, strict=True)))
    ring, batches = Ring(backend, 3, 2, UINT8), 8
    result = np.zeros((2, SIDE, SIDE, 3), np.uint8)
    for _ in range(batches):
        ring.begin(crops(2), result)
    ring.close()
    upload, compute, download = takes
    assert backend.now == upload + batches * compute + download
    computing = [(begin, end) for queue, begin, end in backend.spans if queue is Queue.COMPUTE]
    ends = [end for _, end in computing[:-1]]
    assert [begin for begin, _ in computing[1:]] == ends, "no gap between two batches"


def test_a_single_slot_hides_nothing() -> None:
    backend = TimedBackend(SIDE, dict.fromkeys(Queue, 1))
    ring, result = Ring(backend, 1, 2, UINT8), np.zeros((2, SIDE, SIDE, 3), np.uint8)
    for _ in range(8):
        ring.begin(crops(2), result)
    ring.close()
    assert backend.now == 8 * 3


def test_slots_are_made_when_they_are_needed() -> None:
    backend = ShuffledBackend(SIDE)
    ring, result = Ring(backend, 3, 2, UINT8), np.zeros((1, SIDE, SIDE, 3), np.uint8)
    made = []
    for _ in range(5):
        ring.begin(crops(1), result)
        made.append(backend.buffers)
    assert made == [4, 8, 12, 12, 12]
    assert backend.computed == [1] * 5, "a batch of one is computed as one"


def test_lack_of_memory_leaves_earlier_batches_alone() -> None:
    ring = Ring(ShuffledBackend(SIDE, holds=2), 3, 8, UINT8)
    result = np.zeros((2, SIDE, SIDE, 3), np.uint8)
    ring.begin(crops(2), result)
    with pytest.raises(torch.OutOfMemoryError):
        ring.begin(crops(5), np.zeros((5, SIDE, SIDE, 3), np.uint8))
    ring.close()
    assert np.array_equal(result, 255 - crops(2))


@given(batch=st.integers(1, 256), data=st.data())
def test_a_batch_is_padded_to_one_of_few_sizes(batch: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, batch))
    size = padded(count, batch)
    assert count <= size <= batch
    assert size // 2 < count, "half of it would not do"
    sizes = {padded(n, batch) for n in range(1, batch + 1)}
    assert len(sizes) == batch.bit_length()
    assert {padded(n, size) for n in range(1, size + 1)} <= sizes, "halving makes no new ones"
