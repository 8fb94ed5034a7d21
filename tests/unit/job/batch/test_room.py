"""What is free on the disk decides what is begun, what rests, and when waiting ends."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from vidrestore.job.batch import room as module
from vidrestore.job.batch.room import Room


@pytest.mark.parametrize(
    ("free", "lacking", "scarce"),
    [(2000, False, False), (1000, False, False), (900, True, False), (400, True, True)],
)
def test_little_room_begins_nothing_new_and_less_has_work_rest(
    monkeypatch, tmp_path, free, lacking, scarce
):
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    lines = []
    room = Room(tmp_path, 1000, lines.append)
    room.look()
    room.look()
    assert (room.lacking, room.scarce) == (lacking, scarce)
    assert len(lines) == lacking  # told once


def test_a_full_disk_is_waited_for_until_there_is_no_hope(monkeypatch, tmp_path):
    now, free = [0.0], [0]
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: SimpleNamespace(free=free[0]))
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    room = Room(tmp_path, 1000, lambda _: None)
    room.look()
    now[0] = 599.0
    assert not room.hopeless
    now[0] = 601.0
    assert room.hopeless
    free[0] = 5000
    room.look()
    assert not room.hopeless
    assert not room.lacking
