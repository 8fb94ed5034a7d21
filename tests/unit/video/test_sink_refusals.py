"""Writing refused before any work, or given up: nothing is left behind."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from tests import witness
from tests.made_files import clips, synthetic
from vidrestore.config import EncoderConfig
from vidrestore.datatypes import Frame
from vidrestore.errors import ConfigError, OutputError, VidrestoreError
from vidrestore.video import VideoSink, VideoSource, open_sink


def _refused(
    kind: type[VidrestoreError], source: VideoSource, out: Path | str, **options: Any
) -> str:
    before = (
        sorted(path.name for path in Path(out).parent.glob("*"))
        if Path(out).parent.is_dir()
        else []
    )
    with pytest.raises(kind) as caught:
        open_sink(source, out, EncoderConfig(**options))
    text = str(caught.value)
    assert "\n" not in text
    if Path(out).parent.is_dir():
        assert sorted(path.name for path in Path(out).parent.glob("*")) == before, "left behind"
    return text


@pytest.fixture
def source(clip: synthetic.ClipMaker) -> VideoSource:
    return VideoSource(clip(clips.TIMINGS["cfr"]))


def test_an_existing_file_is_not_replaced(source: VideoSource, tmp_path: Path) -> None:
    out = tmp_path / "out.mkv"
    out.write_text("precious")
    assert "overwrite=True" in _refused(OutputError, source, out)
    assert out.read_text() == "precious"


def test_an_existing_file_is_replaced_only_when_all_is_done(
    source: VideoSource, tmp_path: Path
) -> None:
    out = tmp_path / "out.mkv"
    out.write_text("precious")
    sink = open_sink(source, out, EncoderConfig(codec="ffv1"), overwrite=True)
    for frame in source:
        sink.push(frame)
        assert out.read_text() == "precious"
    sink.finish()
    assert len(witness.frames(out)) == 12
    assert [path.name for path in tmp_path.iterdir()] == ["out.mkv"]


@pytest.mark.parametrize("link", ["same", "symbolic", "hard", "dotted"])
def test_the_input_is_never_the_output(
    clip: synthetic.ClipMaker, tmp_path: Path, link: str
) -> None:
    path = tmp_path / "in.mp4"
    path.write_bytes(clip(clips.TIMINGS["cfr"]).read_bytes())
    out = tmp_path / "other.mp4"
    if link == "same":
        out = path
    elif link == "symbolic":
        out.symlink_to(path)
    elif link == "hard":
        os.link(path, out)
    else:
        (tmp_path / "folder").mkdir()
        out = tmp_path / "folder" / ".." / "in.mp4"
    with pytest.raises(OutputError, match="is the input itself"):
        open_sink(VideoSource(path), out, EncoderConfig(), overwrite=True)
    assert len(list(VideoSource(path))) == 12


def test_places_that_cannot_be_written(source: VideoSource, tmp_path: Path) -> None:
    assert "does not exist" in _refused(OutputError, source, tmp_path / "no" / "out.mkv")
    (tmp_path / "folder.mkv").mkdir()
    assert "is a directory" in _refused(OutputError, source, tmp_path / "folder.mkv")
    assert "cannot write" in _refused(OutputError, source, "/proc/out.mkv")


@pytest.mark.parametrize("name", ["out", "out.xyz", "out.txt"])
def test_unknown_endings(source: VideoSource, tmp_path: Path, name: str) -> None:
    assert ".mkv" in _refused(OutputError, source, tmp_path / name)


def test_codecs_that_do_not_fit(source: VideoSource, tmp_path: Path) -> None:
    assert "webm" in _refused(OutputError, source, tmp_path / "out.webm", codec="libx264")
    assert "*.mkv" in _refused(OutputError, source, tmp_path / "out.webm", codec="prores")


def test_options_that_do_not_fit(source: VideoSource, tmp_path: Path) -> None:
    text = _refused(ConfigError, source, tmp_path / "a.mkv", options={"tunne": "film"})
    assert "'tune'" in text
    assert "speed" in _refused(ConfigError, source, tmp_path / "a.mkv", speed="warp9")
    assert "tune" in _refused(ConfigError, source, tmp_path / "a.mkv", options={"tune": "nothing"})


def test_abort_leaves_nothing(source: VideoSource, tmp_path: Path) -> None:
    sink = open_sink(source, tmp_path / "out.mkv", EncoderConfig())
    for frame in source:
        sink.push(frame)
    sink.abort()
    sink.abort()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OutputError):
        sink.finish()
    with pytest.raises(OutputError):
        sink.push(frame)


def test_abort_from_another_thread(source: VideoSource, tmp_path: Path) -> None:
    sink = open_sink(source, tmp_path / "out.mkv", EncoderConfig())
    frames = list(source)
    sink.push(frames[0])
    failed: list[OutputError] = []

    def push() -> None:
        try:
            while True:
                sink.push(frames[1])
        except OutputError as error:
            failed.append(error)

    writer = threading.Thread(target=push)
    writer.start()
    sink.abort()
    writer.join(120)
    assert not writer.is_alive()
    assert failed
    assert list(tmp_path.iterdir()) == []


def test_nothing_written_is_an_error(source: VideoSource, tmp_path: Path) -> None:
    sink = open_sink(source, tmp_path / "out.mkv", EncoderConfig())
    with pytest.raises(OutputError, match="no frame"):
        sink.finish()
    assert list(tmp_path.iterdir()) == []


def test_abort_after_finish_keeps_the_result(source: VideoSource, tmp_path: Path) -> None:
    sink = open_sink(source, tmp_path / "out.mkv", EncoderConfig())
    for frame in source:
        sink.push(frame)
    sink.finish()
    sink.abort()
    assert [path.name for path in tmp_path.iterdir()] == ["out.mkv"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(
    source: VideoSource, tmp_path: Path
) -> None:
    out = tmp_path / "out.mkv"
    sink = open_sink(source, out, EncoderConfig())
    for frame in source:
        sink.push(frame)
    out.write_text("someone else's")
    with pytest.raises(OutputError):
        sink.finish()
    assert out.read_text() == "someone else's"
    assert [path.name for path in tmp_path.iterdir()] == ["out.mkv"]


def _write_all(sink: VideoSink, frames: list[Frame]) -> None:
    for frame in frames:
        sink.push(frame)
    sink.finish()


def test_a_full_disk(source: VideoSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit on the size of a file stands for a disk that is full."""
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    sink = open_sink(source, tmp_path / "out.mkv", EncoderConfig(codec="ffv1"))
    frames = list(source)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8000, hard))
        with pytest.raises(OutputError, match="cannot write"):
            _write_all(sink, frames)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    sink.abort()
    assert list(tmp_path.iterdir()) == []
