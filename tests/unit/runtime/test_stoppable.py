from __future__ import annotations

import threading

import pytest

from vidrestore.errors import Interrupted
from vidrestore.runtime.stoppable import left_behind, stoppable


def test_without_a_stop_work_is_done_here():
    assert stoppable(threading.get_ident, None) == threading.get_ident()


def test_results_and_errors_come_through():
    stop = threading.Event()
    assert stoppable(lambda: 7, stop) == 7
    with pytest.raises(LookupError, match="lost"):
        stoppable(_fail, stop)


def _fail():
    raise LookupError("lost")


def test_work_that_hangs_is_left_behind_and_its_result_is_discarded():
    stop, begun, go, gone = (threading.Event() for _ in range(4))
    thrown = []

    def work():
        begun.set()
        go.wait(120)
        return "result"

    def discard(result):
        thrown.append(result)
        gone.set()

    threading.Thread(target=lambda: begun.wait(120) and stop.set()).start()
    with pytest.raises(Interrupted):
        stoppable(work, stop, discard=discard)
    assert left_behind()
    go.set()
    assert gone.wait(120)
    assert thrown == ["result"]


def test_what_must_be_tidied_up_is_waited_for():
    stop, thrown = threading.Event(), []

    def work():
        stop.set()
        return "result"

    with pytest.raises(Interrupted):
        stoppable(work, stop, discard=thrown.append, grace=30)
    assert thrown == ["result"]


def test_nothing_is_begun_once_it_is_to_stop():
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        stoppable(_fail, stop)
