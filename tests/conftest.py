"""What holds for all tests."""

from __future__ import annotations

import signal

import pytest
from hypothesis import settings

# No test is timed: a loaded machine may take long over any of them.
settings.register_profile("vidrestore", deadline=None)
settings.load_profile("vidrestore")


@pytest.fixture(scope="session", autouse=True)
def _signals_as_a_terminal_gives_them():
    """A shell starts what runs in its background with these ignored, and children inherit that."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
