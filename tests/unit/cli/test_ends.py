"""How the process of a command ends."""

from __future__ import annotations

import os
import sys

import pytest

from vidrestore import cli
from vidrestore.cli import app
from vidrestore.errors import ExitCode


@pytest.fixture
def ended(monkeypatch):
    """The codes with which the process was ended there and then."""
    codes = []
    monkeypatch.setattr(os, "_exit", codes.append)
    monkeypatch.setattr(sys, "argv", ["vidrestore", "restore"])
    return codes


def test_who_does_not_want_to_wait_waits_for_no_thread_inside_a_library(monkeypatch, ended):
    """Such a thread, at work while the process takes its libraries down, would end it by abort."""

    def interrupted(argv):
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "main", interrupted)
    assert cli.main() == ExitCode.INTERRUPTED
    assert ended == [ExitCode.INTERRUPTED]


@pytest.mark.parametrize("code", ExitCode)
def test_all_else_ends_by_itself(monkeypatch, ended, code):
    monkeypatch.setattr(app, "main", lambda argv: code)
    assert cli.main() == code
    assert not ended
