"""What holds for all tests."""

from __future__ import annotations

import signal
import sys

import pytest
from hypothesis import settings

# No test is timed: a loaded machine may take long over any of them.
# Nor is it given other examples each time: who changes something else must not meet a rare one.
settings.register_profile("vidrestore", deadline=None, max_examples=40, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=500)
settings.load_profile("vidrestore")

LONG = (
    "test_divided",
    "test_resumed",
    "test_faults",
    "test_jobs",
    "test_moving_faces",
    "test_night",
    "test_spandrel_forward",
)
"""Files that take longest: they come first, so that no worker is left with one in the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; all others as they come."""
    order = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: order.get(item.path.stem, len(LONG)))


@pytest.fixture(autouse=True)
def _threads_as_before():
    """A job sets how many threads torch has in this process: that is not for the next test."""
    torch = sys.modules.get("torch")
    before = torch and torch.get_num_threads()
    yield
    if torch:
        torch.set_num_threads(before)


@pytest.fixture(scope="session", autouse=True)
def _signals_as_a_terminal_gives_them():
    """A shell starts what runs in its background with these ignored, and children inherit that."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
