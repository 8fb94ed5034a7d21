"""``vidrestore clean`` removes what is ours and what nobody works on."""

from __future__ import annotations

import os

import pytest

from vidrestore.cli import main
from vidrestore.video.outputs import claim
from vidrestore.video.outputs.outfile import temporary_of


@pytest.fixture
def left(tmp_path):
    """A folder of finished segments, beside things that only look like one."""
    ours = tmp_path / "film.mkv.part"
    ours.mkdir()
    (ours / "plan.json").write_text("{}")
    (ours / "00000.packets").write_bytes(b"x" * 5000)
    (tmp_path / "mine.part").mkdir()
    (tmp_path / "mine.part" / "precious").touch()
    (tmp_path / "other.part").touch()
    return ours


def others(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != "film.mkv.part")


@pytest.mark.parametrize("named", ["film.mkv", "film.mkv.part", "."])
def test_an_abandoned_job_is_cleaned_up(named, left, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["clean", named, "--dry-run"]) == 0
    assert left.exists()
    assert main(["clean", named]) == 0
    assert not left.exists()
    assert others(tmp_path) == ["mine.part", "other.part"]
    out = capsys.readouterr().out
    assert "film.mkv.part: 5.0 kB would be removed" in out
    assert "film.mkv.part: 5.0 kB removed" in out
    assert main(["clean"]) == 0
    assert "nothing was left" in capsys.readouterr().out


def test_a_job_that_is_at_work_is_left_alone(left, tmp_path, capsys):
    handle = claim.claim_file(temporary_of(tmp_path / "film.mkv"))
    try:
        assert main(["clean", str(tmp_path)]) == 0
    finally:
        os.close(handle)
    assert left.exists()
    assert "a job is at work on it" in capsys.readouterr().out


@pytest.mark.parametrize("dry", [True, False])
def test_a_folder_that_holds_anything_else_is_left_alone_and_others_go(dry, left, tmp_path, capsys):
    mixed = tmp_path / "early.mkv.part"
    mixed.mkdir()
    for name in ("plan.json", "letter.txt"):
        (mixed / name).touch()
    assert main(["clean", str(tmp_path), *["--dry-run"] * dry]) == 0
    out = capsys.readouterr().out
    assert "early.mkv.part: left alone, it holds 'letter.txt', which no job wrote" in out
    assert "1 folder, 5.0 kB" in out
    assert len(list(mixed.iterdir())) == 2
    assert left.exists() == dry


def test_a_result_that_never_was_is_told(tmp_path, capsys):
    assert main(["clean", str(tmp_path / "never.mkv")]) == 2
    assert "nothing was left of one" in capsys.readouterr().err
