"""A pipe is kept in a temporary file, and errors call the source as the user does."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tests.made_files import clips, synthetic
from vidrestore.config import InputConfig
from vidrestore.errors import InputError, Interrupted
from vidrestore.video import VideoSource


def _fed(fifo: Path, data: bytes) -> threading.Thread:
    """A thread that writes into a FIFO, as another program would."""

    def write() -> None:
        try:
            fifo.write_bytes(data)
        except BrokenPipeError:
            return

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    return thread


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def test_a_fifo_gives_what_the_file_gives(
    clip: synthetic.ClipMaker, fifo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = clip(clips.TIMINGS["b-frames"])
    writer = _fed(fifo, path.read_bytes())
    source = VideoSource(fifo)
    writer.join(120)
    # The index of an MP4 file may lie at its end: only a file can be read that way.
    assert [frame.pts for frame in source] == [frame.pts for frame in VideoSource(path)]
    assert source.info.as_dict()["path"] == str(fifo)
    kept = Path(source.path)
    assert kept.is_file()
    source.close()
    assert not kept.parent.exists()


def test_too_much_is_refused_and_nothing_is_kept(
    fifo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(room))
    writer = _fed(fifo, bytes(3_000_000))
    with pytest.raises(InputError, match=r"more than 0\.001 GB"):
        VideoSource(fifo, config=InputConfig(spool=0.001))
    writer.join(120)
    assert not list(room.iterdir())


def test_an_empty_name_is_not_the_folder_that_it_is_to_the_system() -> None:
    with pytest.raises(InputError, match="the source's name is empty"):
        VideoSource("")


def test_an_empty_pipe(fifo: Path) -> None:
    writer = _fed(fifo, b"")
    with pytest.raises(InputError, match="is empty"):
        VideoSource(fifo)
    writer.join(120)


def test_noise_is_refused_under_the_users_name(fifo: Path) -> None:
    writer = _fed(fifo, bytes(range(256)) * 40)
    with pytest.raises(InputError, match="not a video") as caught:
        VideoSource(fifo)
    writer.join(120)
    assert str(caught.value).startswith(str(fifo))
    assert "vidrestore-" not in str(caught.value)


def test_waiting_for_a_pipe_can_be_stopped(fifo: Path) -> None:
    """Nobody ever writes."""
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        VideoSource(fifo, stop=stop)


def test_too_many_pixels_are_refused(clip: synthetic.ClipMaker) -> None:
    path = clip(clips.TIMINGS["cfr"])
    with pytest.raises(InputError, match=r"64x48.*input\.max_pixels \(3000\)"):
        VideoSource(path, config=InputConfig(max_pixels=3000))
    VideoSource(path, config=InputConfig(max_pixels=3072)).close()
