from __future__ import annotations

import threading

import numpy as np
import pytest

from tests.stand_ins.fakes import FakeDetector, FakeRestorer, LateRestorer
from vidrestore.job.locked import LockedDetector, locked
from vidrestore.stages import AsyncRestorer

CROPS = np.zeros((1, 64, 64, 3), np.uint8)


class Alone:
    """Fails if a second thread comes while one is inside."""

    def __init__(self):
        self._inside = threading.Lock()
        self.calls = 0

    def __call__(self, value):
        assert self._inside.acquire(blocking=False), "two at once"
        try:
            self.calls += 1
            return value + 1
        finally:
            self._inside.release()


def from_threads(work):
    """Call ``work`` from four threads at the same time; raise what any of them raised."""
    start, errors = threading.Barrier(4), []

    def run():
        start.wait(120)
        try:
            work()
        except BaseException as error:  # raised below
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if errors:
        raise errors[0]


@pytest.mark.parametrize("kind", [FakeRestorer, LateRestorer])
def test_a_restorer_works_for_one_thread_at_a_time(kind):
    alone = Alone()
    restorer = locked(kind(alone))

    def work():
        for _ in range(20):
            assert (restorer.restore(CROPS) == 1).all()

    from_threads(work)
    assert (restorer.size, alone.calls) == (64, 80)


def test_what_works_ahead_still_does_and_jobs_get_their_own_results():
    alone = Alone()
    restorer = locked(LateRestorer(alone))
    assert isinstance(restorer, AsyncRestorer)
    assert restorer.ahead == 2

    def work():
        for number in range(20):
            pending = [restorer.submit(CROPS + number), restorer.submit(CROPS + number + 50)]
            assert (pending[1]() == number + 51).all()
            assert (pending[0]() == number + 1).all()

    from_threads(work)
    assert alone.calls == 160


def test_what_does_not_work_ahead_does_not_pretend_to():
    assert not isinstance(locked(FakeRestorer()), AsyncRestorer)


def test_a_failure_lets_the_next_one_in():
    class Failing(FakeDetector):
        failed = False

        def detect(self, images, /):
            if not self.failed:
                self.failed = True
                raise RuntimeError("out of luck")
            return super().detect(images)

    detector = LockedDetector(Failing())
    picture = np.full((48, 64, 3), 9, np.uint8)
    with pytest.raises(RuntimeError, match="out of luck"):
        detector.detect([picture])
    assert len(detector.detect([picture])[0]) == 1
