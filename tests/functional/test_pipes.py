"""A dry run and an inspection of what comes through a pipe: it is read once and told as asked."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.made_files.synthetic import Clip, make
from tests.stand_ins.fakes import FakeRestorer
from vidrestore import build
from vidrestore.build import given_engine
from vidrestore.cli import main


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A small MP4, whose index lies at its end; temporary files have a folder of their own."""
    (tmp_path / "room").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "room"))
    return make(tmp_path, Clip("in.mp4", 60, audio=("aac",))).read_bytes()


@contextmanager
def _standard_input(data: bytes) -> Iterator[None]:
    """The process reads this as its standard input, through a pipe."""
    reader, writer = os.pipe()
    before = os.dup(0)
    os.dup2(reader, 0)

    def write() -> None:
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(data)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        yield
    finally:
        os.dup2(before, 0)
        os.close(before)
        os.close(reader)
        thread.join(120)


def test_a_dry_run_from_a_fifo(
    tmp_path: Path,
    film: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(build, "build_engine", lambda config: given_engine(FakeRestorer(), config))
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(film,), daemon=True)
    writer.start()
    assert main(["restore", str(fifo), str(tmp_path / "out.mp4"), "--dry-run"]) == 0
    writer.join(120)
    told = capsys.readouterr().out
    assert "60 frames" in told
    assert "basis:  the first" in told
    assert "nothing was written" in told
    assert not (tmp_path / "out.mp4").exists()
    assert not list((tmp_path / "room").glob("vidrestore-*"))


def test_an_inspection_of_standard_input(
    tmp_path: Path, film: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    with _standard_input(film):
        assert main(["inspect", "-", "--json", "--quiet"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["frames"] == 60
    assert found["media"]["path"] == "/dev/stdin"
    assert [stream["codec"] for stream in found["media"]["streams"]] == ["h264", "aac"]
    assert str(tmp_path) not in json.dumps(found)
    assert not list((tmp_path / "room").glob("vidrestore-*"))
