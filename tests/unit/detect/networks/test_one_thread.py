from __future__ import annotations

import threading

import pytest
import torch

from vidrestore.detect.networks.one_thread import OneThread


@pytest.fixture
def three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("three_threads")
def test_only_its_own_work_goes_without_helpers():
    alone = OneThread()
    later = []
    thread = threading.Thread(target=lambda: later.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert alone.run(torch.get_num_threads) == 1
    assert torch.get_num_threads() == 3
    assert later == [3]
    torch.set_num_threads(2)
    assert alone.run(torch.get_num_threads) == 1


def test_results_and_errors_come_back():
    alone = OneThread()
    assert alone.run(pow, 2, exp=5) == 32
    with pytest.raises(ZeroDivisionError):
        alone.run(divmod, 1, 0)
    assert alone.run(threading.get_ident) == alone.run(threading.get_ident)
    assert alone.run(threading.get_ident) != threading.get_ident()
