"""Small networks in a thread that shares torch with larger ones."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import torch

T = TypeVar("T")
P = ParamSpec("P")


class OneThread:
    """Runs torch work in one thread of its own, without torch's helper threads.

    A network of a few milliseconds gains little from helpers and, on a machine busy with a larger
    network, loses far more while they wait for each other: 26 ms against 700 measured on two cores.
    The number of threads of all other work stays as it was.

    Build it before other threads begin to use torch: a thread that meets torch for the first time
    takes over the number that was set last, wherever that was.
    """

    def __init__(self) -> None:
        elsewhere = torch.get_num_threads()
        self._executor = ThreadPoolExecutor(1, "vidrestore-landmarks", _without_helpers)
        self._executor.submit(torch.get_num_threads).result()
        torch.set_num_threads(elsewhere)

    def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call ``work`` there and wait for its result, or raise what it raised."""
        return self._executor.submit(work, *args, **kwargs).result()


def _without_helpers() -> None:
    # A thread's first question sets its number to the process's; only then does its own last.
    torch.get_num_threads()
    torch.set_num_threads(1)
