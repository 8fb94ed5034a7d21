"""Whatever is wrong with a call: one clear line, exit code 2, and nothing left behind."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.made_files.hostile.odd_graphs import odd_graph, wired
from tests.made_files.synthetic import make_audio_only
from vidrestore.cli import main

SAMPLE = Path(__file__).parents[2] / "samples" / "clip.mkv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good clip and some files that only look like one."""
    shutil.copy(SAMPLE, tmp_path / "clip.mkv")
    (tmp_path / "notes.mp4").write_text("Dear diary, this is not a film.\n" * 40)
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "noise.mkv").write_bytes(bytes(range(256)) * 64)
    (tmp_path / "existing.mkv").write_text("precious")
    cut, large = wired(4, b"abc"), wired(5, b"\xa0\x8d\x06")
    (tmp_path / "attribute.onnx").write_bytes(odd_graph(attribute=wired(2, b"abc")))
    (tmp_path / "floats.onnx").write_bytes(odd_graph(tensor=wired(1, 1) + wired(2, 1) + cut))
    (tmp_path / "bytes.onnx").write_bytes(odd_graph(tensor=wired(1, 1) + wired(2, 3) + large))
    (tmp_path / "folder").mkdir()
    return tmp_path


CALLS = {
    "missing file": ("nowhere.mp4 out.mkv", "nowhere.mp4"),
    "text file": ("notes.mp4 out.mkv", "notes.mp4"),
    "empty file": ("empty.mp4 out.mkv", "empty.mp4"),
    "noise": ("noise.mkv out.mkv", "noise.mkv"),
    "directory": ("folder out.mkv", "folder"),
    "same in and out": ("clip.mkv clip.mkv --overwrite", "clip.mkv"),
    "existing output": ("clip.mkv existing.mkv", "--overwrite"),
    "no such output folder": ("clip.mkv away/out.mkv", "away"),
    "unknown container": ("clip.mkv out.docx", "docx"),
    "output without suffix": ("clip.mkv out", "out"),
    "output is the folder of the input": ("clip.mkv . --overwrite", "an input itself"),
    "unknown preset": ("clip.mkv out.mkv --preset old-flim", "old-film"),
    "unknown option": ("clip.mkv out.mkv --restore.strenght 1", "paste.strength"),
    "out of range": ("clip.mkv out.mkv --paste.strength 2", "paste.strength"),
    "not a number": ("clip.mkv out.mkv --detect.every often", "detect.every"),
    "unknown model": ("clip.mkv out.mkv --model nosuch", "nosuch"),
    "model that is no model": ("clip.mkv out.mkv --model notes.mp4", "notes.mp4"),
    "model with cut numbers": ("clip.mkv out.mkv --model floats.onnx", "ONNX"),
    "unknown codec": ("clip.mkv out.mkv --encoder.codec x266", "x266"),
    "empty range": ("clip.mkv out.mkv --from 3 --to 2", "--from"),
    "range behind the end": ("clip.mkv out.mkv --from 1:00:00", "no frame in the range"),
    "missing ffmpeg": (
        "clip.mkv out.mkv --encoder.backend ffmpeg --encoder.ffmpeg no-such-ffmpeg",
        "no-such-ffmpeg",
    ),
    "unknown command": ("", ""),
}


@pytest.mark.parametrize(("words", "named"), CALLS.values(), ids=CALLS.keys())
def test_one_line_exit_two_and_nothing_left(words, named, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    argv = ["restore", *words.split(), "--quiet"] if words else ["restorre"]
    assert main(argv) == 2
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("vidrestore: ")
    assert named in lines[0]
    assert not captured.out
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["attribute.onnx", "floats.onnx", "bytes.onnx"])
def test_an_onnx_file_with_numbers_that_are_none_is_not_converted(name, folder, capsys):
    output = folder / "out.safetensors"
    assert main(["models", "convert", str(folder / name), str(output)]) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert f"{name} cannot be converted" in error
    assert not output.exists()


def test_audio_only(tmp_path, capsys):
    clip = make_audio_only(tmp_path)
    assert main(["restore", str(clip), str(tmp_path / "out.mkv")]) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert "no video" in error
    assert list(tmp_path.iterdir()) == [clip]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_unwritable_output_folder(folder, monkeypatch, capsys):
    (folder / "folder").chmod(0o500)
    assert main(["restore", str(folder / "clip.mkv"), str(folder / "folder/out.mkv")]) == 2
    assert "folder" in capsys.readouterr().err


def test_output_below_a_file(folder, capsys):
    """Unwritable for everybody, root included."""
    code = main(["restore", str(folder / "clip.mkv"), str(folder / "existing.mkv/out.mkv")])
    assert code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert (folder / "existing.mkv").read_text() == "precious"


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_the_input_under_another_name_is_never_written(link, folder, capsys):
    alias = folder / "alias.mkv"
    link(alias, folder / "clip.mkv")
    before = (folder / "clip.mkv").read_bytes()
    assert main(["restore", str(folder / "clip.mkv"), str(alias), "--overwrite"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert (folder / "clip.mkv").read_bytes() == before
