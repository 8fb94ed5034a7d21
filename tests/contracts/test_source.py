"""What every Source promises, whoever makes the frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.made_files import clips, synthetic
from tests.stand_ins.fakes import FakeSource
from vidrestore.stages import Source
from vidrestore.video import VideoSource


@dataclass(frozen=True)
class Made:
    """A source and how many frames it shall give."""

    source: Source
    count: int


def _file(clip: synthetic.Clip) -> Callable[[Path], Made]:
    return lambda folder: Made(VideoSource(synthetic.make(folder, clip)), clip.count)


SOURCES = [
    pytest.param(lambda _: Made(FakeSource(count=7), 7), id="fake"),
    pytest.param(_file(clips.TIMINGS["b-frames"]), id="mp4 with b-frames"),
    pytest.param(_file(clips.TIMINGS["vfr"]), id="variable rate"),
    pytest.param(_file(clips.TIMINGS["transport stream"]), id="transport stream"),
    pytest.param(_file(clips.PICTURES["odd size"]), id="odd size"),
    pytest.param(_file(clips.PICTURES["16 bit"]), id="16 bit"),
    pytest.param(_file(clips.PICTURES["rgb"]), id="packed rgb"),
    pytest.param(_file(clips.PICTURES["gray"]), id="gray"),
]


@pytest.fixture(params=SOURCES)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    made: Made = request.param(tmp_path)
    yield made
    made.source.close()


def test_every_frame_once_in_order(made: Made) -> None:
    frames = list(made.source)
    assert [frame.index for frame in frames] == list(range(made.count))
    times = [frame.pts for frame in frames]
    assert times == sorted(set(times))
    assert len({frame.time_base for frame in frames}) == 1
    assert all(frame.duration >= 0 for frame in frames)


def test_frames_are_of_one_format_and_untouched(made: Made) -> None:
    frames = list(made.source)
    assert len({frame.format for frame in frames}) == 1
    assert not any(frame.touched for frame in frames)


def test_samples_are_read_only_and_in_range(made: Made) -> None:
    for frame in made.source:
        for plane in frame.planes:
            assert not plane.flags.writeable
            assert int(plane.max()) < 1 << frame.format.bits


def test_frames_keep_their_samples_while_others_come(made: Made) -> None:
    copies, frames = [], []
    for frame in made.source:
        frames.append(frame)
        copies.append([plane.copy() for plane in frame.planes])
    made.source.close()
    for frame, copy in zip(frames, copies, strict=True):
        for plane, saved in zip(frame.planes, copy, strict=True):
            np.testing.assert_array_equal(plane, saved)


def test_a_second_pass_gives_the_same(made: Made) -> None:
    first = [(frame.pts, [plane.copy() for plane in frame.planes]) for frame in made.source]
    second = list(made.source)
    assert [frame.pts for frame in second] == [pts for pts, _ in first]
    for frame, (_, planes) in zip(second, first, strict=True):
        for a, b in zip(frame.planes, planes, strict=True):
            np.testing.assert_array_equal(a, b)


def test_stopping_early_and_closing_twice(made: Made) -> None:
    for frame in made.source:
        assert frame.index == 0
        break
    made.source.close()
    made.source.close()


def test_it_tells_what_it_is_beforehand_and_after(made: Made) -> None:
    assert made.source.frame_estimate is None or made.source.frame_estimate > 0
    assert made.source.duration is None or made.source.duration > 0
    assert {frame.format for frame in made.source} == {made.source.format}
    assert list(made.source.damage) == []
    assert all("\n" not in line for line in made.source.warnings)
