"""How many threads torch computes with on the CPU."""

from __future__ import annotations

import os

import torch


def use_threads(count: int = 0) -> None:
    """Have torch compute with so many threads, which the last bits of results depend on.

    Never with more than ``OMP_THREAD_LIMIT`` allows, which queues of clusters may set: where OpenMP
    gives torch fewer threads than it counts on, some of its operators leave out a part of the work
    and give wrong numbers.

    Args:
        count: of threads; 0 leaves as many as torch has.
    """
    threads = count or torch.get_num_threads()
    limit = os.environ.get("OMP_THREAD_LIMIT", "")
    if limit.isdecimal() and int(limit) > 0:
        threads = min(threads, int(limit))
    if threads != torch.get_num_threads():
        torch.set_num_threads(threads)
