"""Fields become frames: smooth, in the right order, at the source's times."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests import witness
from tests.made_files import interlaced
from tests.made_files.interlaced import bar_places, combing, make_scanned
from vidrestore.config import EncoderConfig, InterlacedConfig
from vidrestore.errors import ConfigError
from vidrestore.video import VideoSource, open_sink

ORDERS = [(interlaced.top_first, "tff"), (interlaced.bottom_first, "bff")]


def written(source: VideoSource, out: Path, codec: str = "ffv1") -> Path:
    """Every frame of a source in a file."""
    sink = open_sink(source, out, EncoderConfig(codec=codec), overwrite=True)
    for frame in source:
        sink.push(frame)
    sink.finish()
    return out


@pytest.mark.parametrize(("pictures", "flag"), ORDERS)
def test_the_same_rate_by_default_without_combs(tmp_path: Path, pictures, flag: str) -> None:
    path = make_scanned(tmp_path / "clip.mkv", pictures, flag=flag)
    stored = list(VideoSource(path, interlaced=InterlacedConfig(mode="never")))
    source = VideoSource(path)
    frames = list(source)
    assert [f.pts * f.time_base for f in frames] == [f.pts * f.time_base for f in stored]
    assert [f.duration * f.time_base for f in frames] == [f.duration * f.time_base for f in stored]
    assert source.delivered.picture.rate == source.info.picture.rate
    for before, after in zip(stored, frames, strict=True):
        assert combing(before.planes[0]) > 1.0
        assert combing(after.planes[0]) < 0.4


@pytest.mark.parametrize(("pictures", "flag"), ORDERS)
def test_at_twice_the_rate_the_bar_never_steps_back(tmp_path: Path, pictures, flag: str) -> None:
    """With the wrong order of fields it would: forward 1.5, back 0.5 steps."""
    path = make_scanned(
        tmp_path / "clip.mov", pictures, flag=flag, base=Fraction(1, 12_800), ticks=512
    )
    source = VideoSource(path, interlaced=InterlacedConfig(rate="field"))
    frames = list(source)
    assert len(frames) == 48
    assert source.delivered.picture.rate == 50
    places = np.array([np.median(bar_places(frame.planes[0])) for frame in frames])
    steps = np.diff(places)
    np.testing.assert_allclose(steps, interlaced.STEP / 2, atol=0.35)
    times = [frame.pts * frame.time_base for frame in frames]
    assert times == [Fraction(n, 50) for n in range(48)]
    assert all(frame.duration * frame.time_base == Fraction(1, 50) for frame in frames)


def test_twice_the_rate_is_written_at_its_times_as_progressive(tmp_path: Path) -> None:
    """Even where the source's own time base cannot tell half a frame."""
    path = make_scanned(tmp_path / "clip.avi", interlaced.top_first, flag="tff", codec="ffv1")
    source = VideoSource(path, interlaced=InterlacedConfig(rate="field"))
    out = written(source, tmp_path / "out.mp4", "libx264")
    assert [f.pts for f in witness.frames(out)] == [Fraction(n, 50) for n in range(48)]
    assert "progressive" in witness.describe(out)
    result = VideoSource(out)
    assert not result.info.picture.interlaced
    assert result.info.picture.field_order == 1


@pytest.mark.parametrize("order", ["top", "bottom"])
def test_an_order_can_be_forced(tmp_path: Path, order: str) -> None:
    path = make_scanned(tmp_path / "clip.mkv", interlaced.top_first, flag="tff")
    config = InterlacedConfig(rate="field", order=order)  # type: ignore[arg-type]
    places = [np.median(bar_places(f.planes[0])) for f in VideoSource(path, interlaced=config)]
    assert (np.diff(places) > 0).all() == (order == "top")


def test_a_wrong_flag_does_not_reach_the_result(tmp_path: Path) -> None:
    """Progressive pictures flagged as interlaced pass bit for bit and lose the flag."""
    path = make_scanned(tmp_path / "clip.mkv", interlaced.progressive, 40, flag="tff")
    out = written(VideoSource(path), tmp_path / "out.mkv")
    assert [f.digest for f in witness.frames(out)] == [f.digest for f in witness.frames(path)]
    assert not VideoSource(out).info.picture.interlaced


def test_a_cut_range_is_deinterlaced_alike(tmp_path: Path) -> None:
    path = make_scanned(tmp_path / "clip.mkv", interlaced.top_first, 40, flag="tff")
    part = VideoSource(path, start=Fraction(2, 5), end=Fraction(1))
    frames = list(part)
    assert len(frames) == 15
    assert max(combing(frame.planes[0]) for frame in frames) < 0.4


def test_what_is_kept_interlaced_needs_an_encoder_for_it(tmp_path: Path) -> None:
    path = make_scanned(tmp_path / "clip.mkv", interlaced.top_first, flag="tff")
    source = VideoSource(path, interlaced=InterlacedConfig(mode="keep"))
    with pytest.raises(ConfigError, match="libx265 cannot write interlaced"):
        open_sink(source, tmp_path / "out.mkv", EncoderConfig(codec="libx265"))
    assert list(tmp_path.iterdir()) == [path]
