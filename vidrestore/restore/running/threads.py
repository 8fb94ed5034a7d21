"""How many threads torch computes with on the CPU."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import torch


class _Counts:
    """What is known of a number that all jobs of a process share.

    Attributes:
        own: threads that torch has where no job says how many.
        set: threads that were set here last; 0 before the first time.
    """

    def __init__(self) -> None:
        self.own = self.set = 0
        self.lock = threading.Lock()


_counts = _Counts()


def use_threads(count: int = 0) -> None:
    """Have torch compute with so many threads, which the last bits of results depend on.

    The number is the process's: it holds for every thread that meets torch from now on. Each job
    sets its own before its stages have theirs, for the job before it may have set another.

    Never with more than ``OMP_THREAD_LIMIT`` allows, which queues of clusters may set: where OpenMP
    gives torch fewer threads than it counts on, some of its operators leave out a part of the work
    and give wrong numbers.

    Args:
        count: of threads; 0 for as many as torch has by itself, or was told by whoever else is in
            this process.
    """
    with _counts.lock:
        now = _of_new_threads()
        if now != _counts.set:
            _counts.own = now  # nobody here has set it
        threads = count or _counts.own
        limit = os.environ.get("OMP_THREAD_LIMIT", "")
        if limit.isdecimal() and int(limit) > 0:
            threads = min(threads, int(limit))
        if not threads == now == torch.get_num_threads():
            torch.set_num_threads(threads)
        _counts.set = threads


def _of_new_threads() -> int:
    """The process's number; a thread that knows torch already keeps the one that it met."""
    with ThreadPoolExecutor(1, "vidrestore-threads") as executor:
        return executor.submit(torch.get_num_threads).result()
