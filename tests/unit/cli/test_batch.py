"""What is run when a batch has ended."""

from __future__ import annotations

import json
import shlex
import sys

import pytest

from vidrestore.cli import main

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


def test_a_command_that_is_none_is_told(batch, tmp_path, capsys):
    assert batch(str(tmp_path / "nothing")) == 2
    assert "--on-done" in capsys.readouterr().err
    # What became of the files is told all the same.
    (tmp_path / "in" / "a.mkv").write_bytes(b"x")
    (tmp_path / "in" / "vidrestore.toml").write_text('on_done = "rm"\n')
    assert batch(str(tmp_path / "nothing")) == 2
    said = capsys.readouterr().err
    assert "must be a section" in said
    assert "--on-done" in said
    assert batch() == 2
    assert "is no command" in capsys.readouterr().err
