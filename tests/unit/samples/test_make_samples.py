from __future__ import annotations

import dataclasses
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from samples import make_samples
from samples.make_samples import HEIGHT, RATE, SHOTS, WIDTH
from vidrestore.measure import psnr, sharpness

CLIP = Path(make_samples.__file__).with_name("clip.mkv")


def frames(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.stack([f.to_ndarray(format="rgb24") for f in container.decode(video=0)])


def eight_px_means(pictures: np.ndarray) -> np.ndarray:
    count, height, width, channels = pictures.shape
    return pictures.reshape(count, height // 8, 8, width // 8, 8, channels).mean((2, 4))


@pytest.fixture(scope="module")
def committed() -> np.ndarray:
    return frames(CLIP)


def test_the_committed_clip_is_what_the_script_makes(committed, tmp_path):
    make_samples.write_clip(tmp_path / "clip.mkv")
    again = frames(tmp_path / "clip.mkv")
    assert again.shape == committed.shape
    # Another processor rounds differently in OpenCV, and x264 then spends its bits on other grain.
    # What is shown may not differ: a shift by one pixel changes the means of 8x8 px by two levels.
    difference = np.abs(eight_px_means(again) - eight_px_means(committed))
    assert difference.mean() < 1.0


def test_making_it_twice_gives_equal_bytes(tmp_path, monkeypatch):
    short = tuple(dataclasses.replace(shot, frames=4) for shot in SHOTS)
    monkeypatch.setattr(make_samples, "SHOTS", short)
    for name in ("one.mkv", "two.mkv"):
        make_samples.write_clip(tmp_path / name)
    assert (tmp_path / "one.mkv").read_bytes() == (tmp_path / "two.mkv").read_bytes()


def test_it_is_small_and_has_sound_subtitles_and_chapters():
    assert CLIP.stat().st_size < 1_500_000
    with av.open(str(CLIP)) as container:
        kinds = [stream.type for stream in container.streams]
        assert kinds == ["video", "audio", "subtitle"]
        video = container.streams.video[0]
        assert (video.width, video.height, video.average_rate) == (WIDTH, HEIGHT, RATE)
        assert len(container.chapters()) == len(SHOTS)
        times = [frame.pts * frame.time_base for frame in container.decode(video)]
    assert times == [Fraction(index, RATE) for index in range(100)]


def test_both_shots_are_there_with_one_cut(committed):
    steps = np.abs(np.diff(committed.astype(int), axis=0)).mean(axis=(1, 2, 3))
    assert int(steps.argmax()) == SHOTS[0].frames - 1
    assert np.sort(steps)[-1] > 3 * np.sort(steps)[-2]
    assert len(committed) == sum(shot.frames for shot in SHOTS)


def test_the_wear_costs_detail_but_keeps_the_picture(committed):
    start = 0
    for shot in SHOTS:
        true = list(make_samples.truth(shot))
        for index in (0, len(true) // 2):
            worn = committed[start + index]
            assert sharpness(worn, true[index]) < 0.1
            assert psnr(worn, true[index]) > 15
        start += shot.frames


def test_a_path_beyond_the_picture_is_refused():
    away = dataclasses.replace(SHOTS[0], start=(0.0, 0.0, 1.0, 0.0))
    with pytest.raises(ValueError, match="leaves the picture"):
        next(make_samples.truth(away))


def test_the_truth_is_written_without_loss(tmp_path, monkeypatch):
    short = dataclasses.replace(SHOTS[1], frames=3)
    monkeypatch.setattr(make_samples, "SHOTS", (short,))
    make_samples.write_truth(tmp_path / "truth.mkv")
    expected = [frame.round().astype(np.uint8) for frame in make_samples.truth(short)]
    assert np.array_equal(frames(tmp_path / "truth.mkv"), np.stack(expected))
