"""The codec of each container and source, and options in each encoder's own terms."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from tests import witness
from tests.made_files import clips, synthetic
from vidrestore.config import EncoderConfig
from vidrestore.datatypes import FrameFormat
from vidrestore.errors import ConfigError
from vidrestore.video import probe
from vidrestore.video.encode import codecs, encoding

Pass = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("container", "bits", "codec"),
    [
        ("matroska", 8, "libx264"),
        ("mp4", 8, "libx264"),
        ("mov", 10, "libx265"),
        ("matroska", 12, "libx265"),
        ("webm", 8, "libvpx-vp9"),
        ("webm", 10, "libsvtav1"),
    ],
)
def test_auto_goes_by_container_and_depth(container: str, bits: int, codec: str) -> None:
    fmt = FrameFormat(64, 48, "yuv420p" if bits == 8 else f"yuv420p{bits}le", bits=bits)
    assert codecs.resolved(EncoderConfig(), container, fmt).codec == codec
    asked = EncoderConfig(codec="ffv1")
    assert codecs.resolved(asked, container, fmt) is asked


def test_pictures_too_narrow_for_x265_never_reach_it() -> None:
    """It would write beyond its own memory, and the process end later, anywhere."""
    narrow = FrameFormat(48, 64, "yuv420p10le", bits=10)
    assert codecs.resolved(EncoderConfig(), "matroska", narrow).codec == "libx264"
    with pytest.raises(ConfigError, match="from 56 columns on, not 48"):
        encoding.plan(EncoderConfig(codec="libx265"), narrow, encoding.Colour())


@pytest.mark.parametrize("codec", ["libsvtav1", "libvpx-vp9"])
def test_speed_and_quality_are_translated(codec: str) -> None:
    medium = codecs.rate_options(EncoderConfig(codec=codec, crf=51), codec)
    assert medium["crf"] == "63"
    slow = codecs.rate_options(EncoderConfig(codec=codec, crf=0, speed="placebo"), codec)
    assert slow["crf"] == "0"
    assert slow != medium
    with pytest.raises(ConfigError, match="'warp9'"):
        codecs.rate_options(EncoderConfig(codec=codec, speed="warp9"), codec)


@pytest.mark.parametrize("codec", ["auto", "libsvtav1", "libvpx-vp9"])
@pytest.mark.parametrize("name", ["b-frames", "vfr", "10 bit", "odd size"])
def test_webm_keeps_every_frame_at_its_time(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, name: str, codec: str
) -> None:
    source, out = clip(clips.EVERY[name]), tmp_path / "out.webm"
    passed_through(source, out, codec=codec)
    before, after = witness.frames(source), witness.frames(out)
    assert len(after) == len(before)
    for a, b in zip(before, after, strict=True):
        assert abs(a.pts - b.pts) <= Fraction(1, 2000)
    deep = name == "10 bit" and codec != "libvpx-vp9"
    assert probe(out).picture.pix_fmt == ("yuv420p10le" if deep else "yuv420p")


def test_dnxhr_in_mov(clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass) -> None:
    wide = synthetic.Clip("wide.mov", count=4, width=256, height=120, pix_fmt="yuv422p10le")
    source, out = clip(wide), tmp_path / "out.mov"
    assert passed_through(source, out, codec="dnxhd") == []
    assert probe(out).picture.pix_fmt == "yuv422p10le"
    times = [seen.pts for seen in witness.frames(source)]
    assert [seen.pts for seen in witness.frames(out)] == times


def test_a_picture_too_small_for_dnxhr_is_told(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    with pytest.raises(ConfigError, match="256x120 on, not 64x48"):
        passed_through(clip(clips.EVERY["cfr"]), tmp_path / "out.mov", codec="dnxhd")
    assert list(tmp_path.iterdir()) == []
