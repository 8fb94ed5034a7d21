"""What every Sink promises, wherever the frames go."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

from tests.made_files import synthetic
from tests.stand_ins.fakes import FakeSink
from vidrestore.config import EncoderConfig
from vidrestore.datatypes import Frame
from vidrestore.errors import OutputError
from vidrestore.stages import Sink
from vidrestore.video import VideoSource, open_sink


@dataclass
class Made:
    """A sink, frames for it, and how to look at what came of it.

    Attributes:
        sink: under test.
        frames: of a small clip.
        results: pts and first plane of each frame that the sink has published; None if nothing.
    """

    sink: Sink
    frames: list[Frame]
    results: Callable[[], list[tuple[float, Any]] | None]


def _fake(source: VideoSource, _: Path) -> Made:
    sink = FakeSink()

    def results() -> list[tuple[float, Any]] | None:
        if not sink.finished:
            return None
        return [(frame.seconds, frame.planes[0]) for frame in sink.frames]

    return Made(sink, list(source), results)


def _file(**options: Any) -> Callable[[VideoSource, Path], Made]:
    def make(source: VideoSource, folder: Path) -> Made:
        out = folder / "out.mkv"

        def results() -> list[tuple[float, Any]] | None:
            if not out.exists():
                return None
            return [(frame.seconds, frame.planes[0]) for frame in VideoSource(out)]

        config = EncoderConfig(codec="ffv1", **options)
        return Made(open_sink(source, out, config), list(source), results)

    return make


def _pictures(source: VideoSource, folder: Path) -> Made:
    out = folder / "f_%d.png"

    def results() -> list[tuple[float, Any]] | None:
        if not (folder / "f_1.png").exists():
            return None
        return [(frame.seconds, frame.planes[0]) for frame in VideoSource(out)]

    return Made(open_sink(source, out, EncoderConfig()), list(source), results)


OWN = {"backend": "ffmpeg", "ffmpeg": imageio_ffmpeg.get_ffmpeg_exe()}
SINKS = [
    pytest.param((_fake, "yuv420p"), id="fake"),
    pytest.param((_file(), "yuv420p"), id="pyav"),
    pytest.param((_file(**OWN), "yuv420p"), id="ffmpeg"),
    # PNG holds the samples of RGB alone as they are.
    pytest.param((_pictures, "bgr0"), id="pictures"),
]


@pytest.fixture(params=SINKS)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    make, pix_fmt = request.param
    clip = synthetic.Clip(
        "in.mkv", count=6, codec="ffv1", options={}, audio=("flac",), pix_fmt=pix_fmt
    )
    made: Made = make(VideoSource(synthetic.make(tmp_path / "in", clip)), tmp_path / "out")
    return made


@pytest.fixture
def left(tmp_path: Path) -> Callable[[], list[str]]:
    return lambda: sorted(path.name for path in (tmp_path / "out").iterdir())


def test_frames_arrive_with_their_times(made: Made) -> None:
    for frame in made.frames:
        made.sink.push(frame)
    made.sink.finish()
    results = made.results()
    assert results is not None
    for frame, (seconds, luma) in zip(made.frames, results, strict=True):
        assert seconds == pytest.approx(frame.seconds, abs=5e-4)
        np.testing.assert_array_equal(luma, frame.planes[0])


def test_touched_frames_arrive_changed_and_leave_the_source_alone(made: Made) -> None:
    before = [frame.planes[0].copy() for frame in made.frames]
    for frame in made.frames:
        planes = tuple(plane.copy() for plane in frame.planes)
        planes[0][5:9, 5:9] = 201
        made.sink.push(frame.pasted(planes))
    made.sink.finish()
    results = made.results()
    assert results is not None
    for frame, saved, (_, luma) in zip(made.frames, before, results, strict=True):
        np.testing.assert_array_equal(frame.planes[0], saved)
        expected = saved.copy()
        expected[5:9, 5:9] = 201
        np.testing.assert_array_equal(luma, expected)


def test_nothing_appears_before_finish(made: Made) -> None:
    for frame in made.frames:
        made.sink.push(frame)
        assert made.results() is None
    made.sink.abort()


@pytest.mark.parametrize("pushed", [0, 1, 6])
def test_abort_leaves_nothing_behind(
    made: Made, left: Callable[[], list[str]], pushed: int
) -> None:
    for frame in made.frames[:pushed]:
        made.sink.push(frame)
    made.sink.abort()
    made.sink.abort()
    assert made.results() is None
    assert left() == []


def test_abort_after_finish_keeps_the_result(made: Made) -> None:
    for frame in made.frames:
        made.sink.push(frame)
    made.sink.finish()
    made.sink.abort()
    results = made.results()
    assert results is not None
    assert len(results) == len(made.frames)


def test_abort_from_another_thread(made: Made, left: Callable[[], list[str]]) -> None:
    done = threading.Event()

    def write() -> None:
        try:
            for frame in made.frames:
                made.sink.push(frame)
        except OutputError:
            # What a sink says that was aborted under its writer.
            pass
        finally:
            done.set()

    writer = threading.Thread(target=write)
    writer.start()
    made.sink.abort()
    writer.join(120)
    assert done.is_set()
    assert made.results() is None
    assert left() == []
