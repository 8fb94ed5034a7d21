from __future__ import annotations

import platform
import sys

import pytest

from vidrestore.restore.running.allocator import keep_freed_memory


def test_it_is_done_where_glibc_is_and_can_be_repeated() -> None:
    expected = platform.libc_ver()[0] == "glibc"
    assert keep_freed_memory() is expected
    assert keep_freed_memory() is expected


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert keep_freed_memory() is False
