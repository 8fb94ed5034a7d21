"""Film with 3:2 pulldown gives its own pictures back, four where there were five, in time."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.made_files import interlaced
from tests.made_files.interlaced import bar, bar_places, combing, make_scanned, woven
from vidrestore.config import InterlacedConfig
from vidrestore.errors import InputError
from vidrestore.video import VideoSource

REMOVE = InterlacedConfig(pulldown="remove")


def test_the_films_own_pictures_come_back_evenly_timed(tmp_path: Path) -> None:
    path = make_scanned(tmp_path / "clip.mkv", interlaced.pulled_down, 40)
    source = VideoSource(path, interlaced=REMOVE)
    frames = list(source)
    assert len(frames) == 32
    assert source.delivered.picture.rate == 20
    times = [frame.pts * frame.time_base for frame in frames]
    assert times == [times[0] + Fraction(n, 20) for n in range(32)]
    assert all(frame.duration * frame.time_base == Fraction(1, 20) for frame in frames)
    places = np.array([np.median(bar_places(frame.planes[0])) for frame in frames])
    np.testing.assert_allclose(np.diff(places), interlaced.STEP, atol=0.3)
    for index, frame in enumerate(frames):
        assert combing(frame.planes[0]) < 0.4
        assert np.abs(frame.planes[0].astype(int) - bar(index)).mean() < 1


@pytest.mark.parametrize("pix_fmt", ["yuv420p10le", "yuv422p10le", "yuv444p12le", "yuv422p16le"])
def test_deep_film_comes_back_bit_for_bit(tmp_path: Path, pix_fmt: str) -> None:
    """Whole lines of them: FFmpeg's own filter copies half."""
    path = tmp_path / "clip.mkv"
    make_scanned(path, interlaced.pulled_down, 60, flag="tff", codec="ffv1", pix_fmt=pix_fmt)
    source = VideoSource(path, interlaced=REMOVE)
    assert source.scan.kind == "telecined"
    frames = list(source)
    assert len(frames) == 48
    shift = source.format.bits - 8
    for index, frame in enumerate(frames):
        assert frame.format.pix_fmt == pix_fmt
        if index < 46:  # the last have no neighbour to be matched with
            assert (frame.planes[0] == bar(index).astype(np.uint16) << shift).all(), index
        assert (frame.planes[2] == 136 << shift).all()


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p10le"])
def test_video_between_the_film_is_deinterlaced(tmp_path: Path, pix_fmt: str) -> None:
    def mixed(index: int) -> np.ndarray:
        later = 4.0 * (index - 60)  # slower combs are too thin for fieldmatch to see
        return interlaced.pulled_down(index) if index < 60 else woven(bar(later), bar(later + 2))

    path = tmp_path / "clip.mkv"
    make_scanned(path, mixed, 70, flag="tff", codec="ffv1", pix_fmt=pix_fmt)
    frames = list(VideoSource(path, interlaced=REMOVE))
    shift = frames[0].format.bits - 8
    combs = [combing(frame.planes[0] >> shift) for frame in frames]
    # The last film frame may be woven with the first of the video.
    assert max(combs[:46] + combs[49:]) < 0.6


def test_what_cannot_be_matched_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    make_scanned(path, interlaced.pulled_down, 60, flag="tff", codec="ffv1", pix_fmt="yuv440p")
    with pytest.raises(InputError, match="pulldown cannot be removed from yuv440p"):
        VideoSource(path, interlaced=REMOVE)


def test_a_cycle_cut_short_keeps_its_pictures(tmp_path: Path) -> None:
    path = make_scanned(tmp_path / "clip.mkv", interlaced.pulled_down, 43)
    frames = list(VideoSource(path, interlaced=REMOVE))
    assert 34 <= len(frames) <= 35
    last = frames[-1]
    assert (last.pts + last.duration) * last.time_base == Fraction(43, 25)
    times = [frame.pts for frame in frames]
    assert times == sorted(set(times))


def test_other_material_is_treated_as_ever(tmp_path: Path) -> None:
    path = make_scanned(tmp_path / "clip.mkv", interlaced.top_first, 30, flag="tff")
    assert len(list(VideoSource(path, interlaced=REMOVE))) == 30
