from __future__ import annotations

import threading

import pytest
import torch

from vidrestore.restore.running import threads as counting
from vidrestore.restore.running.threads import use_threads


@pytest.fixture(autouse=True)
def anew(monkeypatch):
    """As in a process of which nothing was set yet."""
    monkeypatch.setattr(counting, "_counts", counting._Counts())
    monkeypatch.delenv("OMP_THREAD_LIMIT", raising=False)


def elsewhere(work):
    """Call ``work`` in a thread that has not met torch."""
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.parametrize(
    ("limit", "asked", "threads"),
    [
        (None, 0, 2),
        (None, 3, 3),
        ("1", 0, 1),
        ("1", 3, 1),
        ("8", 3, 3),
        ("none", 3, 3),
        ("0", 3, 3),
    ],
)
def test_never_more_threads_than_openmp_gives(monkeypatch, limit, asked, threads):
    if limit is not None:
        monkeypatch.setenv("OMP_THREAD_LIMIT", limit)
    torch.set_num_threads(2)
    use_threads(asked)
    assert torch.get_num_threads() == threads


def test_none_asked_for_are_as_many_as_torch_had_before():
    torch.set_num_threads(3)
    for count, threads in ((0, 3), (1, 1), (0, 3), (2, 2), (1, 1), (0, 3)):
        use_threads(count)
        assert torch.get_num_threads() == elsewhere(torch.get_num_threads) == threads


def test_what_the_program_itself_sets_later_counts():
    torch.set_num_threads(3)
    use_threads(1)
    torch.set_num_threads(2)
    use_threads(0)
    assert torch.get_num_threads() == 2


def test_a_number_that_another_thread_has_set_does_not_stay():
    """A model is loaded in a thread of its own, and this one keeps what it had."""
    torch.set_num_threads(3)
    elsewhere(lambda: use_threads(1))
    use_threads(0)
    assert elsewhere(torch.get_num_threads) == 3


def test_a_limit_is_not_taken_for_what_torch_has(monkeypatch):
    torch.set_num_threads(3)
    monkeypatch.setenv("OMP_THREAD_LIMIT", "1")
    use_threads(0)
    monkeypatch.delenv("OMP_THREAD_LIMIT")
    use_threads(0)
    assert torch.get_num_threads() == 3
