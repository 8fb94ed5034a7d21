"""Two videos, frame by frame; files that are made differ in known ways."""

from __future__ import annotations

import math
import threading
from fractions import Fraction

import numpy as np
import pytest

from tests import witness
from tests.made_files.synthetic import Clip, make
from vidrestore import Interrupted, compare_videos
from vidrestore.errors import InputError, OutputError
from vidrestore.job.showing.difference import Difference

LOSSLESS = Clip("a.mkv", count=4, codec="ffv1", options={})


@pytest.fixture
def clip(tmp_path):
    return make(tmp_path, LOSSLESS)


def test_a_video_and_itself(clip):
    found = compare_videos(clip, clip)
    assert (found.frames, found.equal_frames, found.width, found.height) == (4, 4, 64, 48)
    assert (found.psnr, found.ssim, found.changed) == (math.inf, 1.0, 0.0)
    assert found.flicker is None
    assert found.duration == pytest.approx(0.12)


def test_known_differences_are_measured():
    difference = Difference()
    gray = np.full((20, 20, 3), 100, np.uint8)
    worse = gray.copy()
    worse[:10] += 10
    for number, output in enumerate((gray, worse, gray)):
        difference.observe(gray, output, number / 25)
    assert (difference.frames, difference.equal) == (3, 2)
    assert difference.changed == pytest.approx(1 / 6)
    mean_square = 100 / 2 / 3
    assert difference.psnr == pytest.approx(10 * math.log10(255**2 / mean_square))
    assert (difference.worst.frame, difference.worst.time) == (1, 0.04)
    assert difference.worst.psnr == pytest.approx(10 * math.log10(255**2 / 50))
    assert difference.flicker == pytest.approx((0.0, 5.0))  # 10 levels up or down


def test_a_video_that_shows_both(clip, tmp_path):
    other = make(tmp_path, Clip("b.mkv", count=4))
    video = tmp_path / "both.mp4"
    seen = []
    found = compare_videos(clip, other, video=video, progress=seen.append)
    assert 20 < found.psnr < 60
    assert found.worst.psnr <= found.psnr
    assert found.video == str(video)
    assert [(each.frames_done, each.faceless) for each in seen] == [(n, True) for n in range(1, 5)]
    shown = witness.frames(video)
    assert [frame.pts for frame in shown] == [Fraction(n, 25) for n in range(4)]
    assert shown[0].size == (128 * 68) * 3 // 2
    with pytest.raises(OutputError, match="exists"):
        compare_videos(clip, other, video=video)
    for source in (clip, other):
        with pytest.raises(OutputError, match="is the input itself"):
            compare_videos(clip, other, video=source, overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mkv", "b.mkv", "both.mp4"]


def test_what_does_not_belong_together_is_refused(clip, tmp_path):
    smaller = make(tmp_path, Clip("b.mkv", count=4, width=32))
    with pytest.raises(InputError, match=r"64x48 and .*b\.mkv is 32x48"):
        compare_videos(clip, smaller)
    shorter = make(tmp_path, Clip("c.mkv", count=3))
    with pytest.raises(InputError, match="ends after 3 frames"):
        compare_videos(clip, shorter, video=tmp_path / "both.mp4")
    assert not (tmp_path / "both.mp4").exists()


def test_comparing_can_be_stopped(clip):
    stop = threading.Event()
    with pytest.raises(Interrupted):
        compare_videos(clip, clip, stop=stop, progress=lambda _: stop.set())
