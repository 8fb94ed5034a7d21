from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from tests.stand_ins.fakes import FakeDetector, FakeRestorer, LateRestorer
from vidrestore import ConfigError, Session
from vidrestore.job.locked import LockedDetector, locked
from vidrestore.stages import AsyncRestorer

CROPS = np.zeros((1, 64, 64, 3), np.uint8)


class Alone:
    """Fails if a second thread comes while one is inside, and lets others run meanwhile."""

    def __init__(self):
        self._inside = threading.Lock()
        self.calls = 0

    def __call__(self, value):
        assert self._inside.acquire(blocking=False), "two at once"
        try:
            self.calls += 1
            time.sleep(0.001)
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


def test_a_detector_works_for_one_thread_at_a_time():
    alone, detector = Alone(), FakeDetector()
    found = detector.detect
    detector.detect = lambda images: found(images) if alone(0) else []
    shared = LockedDetector(detector)

    def work():
        for _ in range(20):
            assert len(shared.detect([CROPS[0]])) == 1

    from_threads(work)
    assert alone.calls == 80


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


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            lambda crops: crops[:0],
            r"gave \(0, 64, 64, 3\) uint8 for crops of \(1, 64, 64, 3\) uint8",
        ),
        (lambda crops: crops.astype(float), r"gave \(1, 64, 64, 3\) float64 for crops"),
        (list, r"gave a list for crops"),
    ],
)
@pytest.mark.parametrize("kind", [FakeRestorer, LateRestorer])
def test_a_restorer_that_does_not_keep_to_the_protocol_is_told(kind, given, said):
    restorer = locked(kind(given))
    with pytest.raises(ConfigError, match=f"{kind.__name__}.restore {said}"):
        restorer.restore(CROPS)
    if kind is LateRestorer:
        with pytest.raises(ConfigError, match=said):
            restorer.submit(CROPS)()


@pytest.mark.parametrize("found", [[], None, [None], [(5,)], [(), ()]])
def test_a_detector_that_does_not_keep_to_the_protocol_is_told(found):
    detector = FakeDetector()
    detector.detect = lambda images: found
    with pytest.raises(ConfigError, match="detect must give a list with a tuple of Face for each"):
        LockedDetector(detector).detect([CROPS[0]])


@pytest.mark.parametrize("size", ["64", 0, 64.0, None])
def test_a_restorer_of_no_size_is_refused(size):
    restorer = FakeRestorer(size=size)
    with pytest.raises(
        ConfigError, match=r"FakeRestorer\.size is .*, but must be a number of pixels"
    ):
        Session(restorer=restorer)
