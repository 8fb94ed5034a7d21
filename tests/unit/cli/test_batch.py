"""What is run when a batch has ended."""

from __future__ import annotations

import json
import shlex
import sys
import time
from datetime import datetime
from datetime import time as clock

import pytest

from vidrestore.cli import main
from vidrestore.cli.batching.run import next_time
from vidrestore.job.batch.records.row import State
from vidrestore.job.batch.records.table import Table

COPY = "import shutil, sys; shutil.copy(sys.argv[-1], sys.argv[1])"


@pytest.fixture
def batch(tmp_path):
    """A batch of no files that ends with a command."""
    source = tmp_path / "in"
    source.mkdir()
    return lambda *command: main(
        ["batch", str(source), str(tmp_path / "out"), "--quiet", "--on-done", shlex.join(command)]
    )


def test_a_command_gets_the_path_of_the_summary(batch, tmp_path):
    copy = tmp_path / "the copy.json"
    assert batch(sys.executable, "-c", COPY, str(copy)) == 0
    assert json.loads(copy.read_text())["files"] == {}


def test_a_command_that_fails_is_told(batch, capsys):
    batch(sys.executable, "-c", "import sys; sys.exit(7)")
    assert "ended with code 7" in capsys.readouterr().err


def test_a_command_that_is_none_is_refused_before_the_night(batch, tmp_path, capsys):
    assert batch(str(tmp_path / "nothing")) == 2
    assert "nothing cannot be run: there is no such program" in capsys.readouterr().err
    assert batch() == 2
    assert "is no command" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_became_of_the_files_is_told_whatever_the_command_does(batch, tmp_path, capsys):
    command = tmp_path / "command"
    command.write_bytes(b"\0no program")
    command.chmod(0o755)
    (tmp_path / "in" / "a.mkv").write_bytes(b"x")
    (tmp_path / "in" / "vidrestore.toml").write_text('on_done = "rm"\n')
    assert batch(str(command)) == 2
    said = capsys.readouterr().err
    assert "must be a section" in said
    assert "--on-done" in said


@pytest.mark.parametrize("state", [State.WAITING, State.DONE])
def test_what_is_not_left_out_is_told(batch, tmp_path, capsys, state):
    (tmp_path / "in" / "a.mkv").write_bytes(b"x")
    batch(sys.executable, "-c", "pass")
    with Table(tmp_path / "out") as known:
        [row] = known.rows()
        known.change(row.number, state=state)
    capsys.readouterr()
    assert main(["batch", "skip", str(tmp_path / "out"), "a.mkv"]) == 0
    said = capsys.readouterr().out + capsys.readouterr().err
    assert ("nothing is left out" in said) == (state == State.DONE)


@pytest.fixture
def berlin(monkeypatch):
    """Clocks are set forward on the last Sunday of March, back on that of October."""
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-06-01 22:00", "2026-06-02 04:30"),  # two hours ahead of UTC
        ("2026-03-28 22:00", "2026-03-29 04:30"),  # one when it begins, two when it ends
        ("2026-10-24 22:00", "2026-10-25 05:30"),
        ("2026-06-01 06:00", "2026-06-01 04:30"),
        ("2026-06-01 06:30", "2026-06-02 04:30"),
    ],
)
def test_a_time_of_day_is_the_next_that_the_clock_shows(berlin, now, then):
    found = next_time(clock(6, 30), datetime.fromisoformat(now))
    assert found == datetime.fromisoformat(f"{then}+00:00")
    assert f"{found:%H:%M}" == "06:30"
