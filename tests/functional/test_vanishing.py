"""What goes away while a job runs: one line, exit code 2, nothing left behind."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import av
import pytest

from tests import witness
from tests.fuzzing.fuzz import fake_restore
from tests.made_files.synthetic import Clip, make
from vidrestore.video import PictureSink, VideoSink, VideoSource
from vidrestore.video.passes import Passes

OUTPUTS = ["out.mkv", "f_%d.png"]


@pytest.fixture
def at_third_frame(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Has something happen before the third frame is written."""

    def arrange(happening: Callable[[], None]) -> None:
        for kind in (VideoSink, PictureSink):
            count, push = iter(range(1000)), kind.push

            def pushed(self: Any, frame: Any, count: Any = count, push: Any = push) -> None:
                if next(count) == 2:
                    happening()
                push(self, frame)

            monkeypatch.setattr(kind, "push", pushed)

    return arrange


def _told(words: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    assert fake_restore(["restore", *words, "--quiet"]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("vidrestore: ")
    return line


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_output_folder(tmp_path, at_third_frame, capfd, name):
    clip, folder = make(tmp_path, Clip(audio=("aac",))), tmp_path / "new"
    folder.mkdir()
    at_third_frame(lambda: shutil.rmtree(folder))
    assert f"cannot write {folder / name}" in _told([str(clip), str(folder / name)], capfd)
    assert list(tmp_path.iterdir()) == [clip]


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_encoder_that_fails(tmp_path, at_third_frame, capfd, monkeypatch, name):
    clip, folder = make(tmp_path, Clip(audio=("aac",))), tmp_path / "new"
    folder.mkdir()

    def fail(*_: object, **__: object) -> None:
        raise av.error.ExternalError(-542398533, "Generic error in an external library")

    def broken() -> None:
        monkeypatch.setattr("vidrestore.video.encode.encoder.InProcessEncoder._convert", fail)
        monkeypatch.setattr("vidrestore.video.pictures.PictureSink._converted", fail)

    at_third_frame(broken)
    assert "generic error" in _told([str(clip), str(folder / name)], capfd)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_input_that_goes_before_it_is_read(tmp_path, capfd, monkeypatch, name):
    clip, folder = make(tmp_path, Clip(audio=("aac",))), tmp_path / "new"
    folder.mkdir()
    scanned = Passes.scanned

    def vanishing(self: Any) -> Any:
        found = scanned(self)
        clip.unlink()
        return found

    monkeypatch.setattr(Passes, "scanned", vanishing)
    assert f"{clip} does not exist" in _told([str(clip), str(folder / name)], capfd)
    assert not list(folder.iterdir())


def test_an_input_that_goes_while_it_is_read(tmp_path, at_third_frame):
    """A file that is open stays readable to its end."""
    clip, out = make(tmp_path, Clip(audio=("aac",))), tmp_path / "out.mkv"
    at_third_frame(clip.unlink)
    assert fake_restore(["restore", str(clip), str(out), "--quiet"]) == 0
    assert len(list(VideoSource(out))) == 12
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_picture_of_the_input(tmp_path, at_third_frame, capfd, name):
    scan, folder = tmp_path / "scan", tmp_path / "new"
    for made in (scan, folder):
        made.mkdir()
    # A job looks far ahead. Nobody is seen in black, so that it is quick about it.
    witness.run("-f", "lavfi", "-i", "color=black:s=64x48:r=25:d=8", scan / "p_%d.png")
    at_third_frame((scan / "p_190.png").unlink)
    line = _told([str(scan), str(folder / name)], capfd)
    assert "p_190.png" in line
    assert not list(folder.iterdir())
