"""Closed captions lie in the pictures and come back with them, or the loss is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.made_files import captions, clips
from tests.made_files.synthetic import Clip
from vidrestore.config import EncoderConfig, InterlacedConfig, OutputConfig
from vidrestore.errors import OutputError
from vidrestore.video import VideoSource, open_sink, scaler_for
from vidrestore.video.pixels.captions import captioned, silent
from vidrestore.video.pixels.sidedata import SideDataReader

Pass = Callable[..., list[str]]
FAST = EncoderConfig(codec="libx264", speed="ultrafast")
LINES = [*captions.words("Hello, world"), *[captions.PADDING] * 11]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    clip = Clip("said.ts", count=len(LINES), options=clips.B_FRAMES)
    return captions.make_captioned(folder, clip, LINES)


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize("ending", [".mkv", ".mp4", ".mov"])
def test_they_come_back_word_by_word(
    source: Path, tmp_path: Path, passed_through: Pass, codec: str, ending: str
) -> None:
    out = tmp_path / f"out{ending}"
    assert passed_through(source, out, codec=codec) == []
    assert Counter(captions.read(out, hevc=codec == "libx265")) == Counter(LINES)
    assert "Hello, world" in captions.shown(source)
    assert captions.shown(out) == captions.shown(source)


def test_restored_frames_keep_theirs(source: Path, tmp_path: Path) -> None:
    frames, out = VideoSource(source), tmp_path / "out.mkv"
    scaler = scaler_for(frames.format, OutputConfig(scale=2), turned=False)
    assert scaler is not None
    sink = open_sink(frames, out, FAST, scaler=scaler)
    for frame in frames:
        larger = scaler(frame)
        sink.push(larger.pasted(tuple(np.full_like(plane, 90) for plane in larger.planes)))
    sink.finish()
    assert captions.shown(out) == captions.shown(source)
    assert frames.description["captioned"] == len(LINES) - 11


def test_two_pictures_out_of_one_say_them_once(source: Path, tmp_path: Path) -> None:
    fields = InterlacedConfig(mode="always", rate="field")
    frames, out = VideoSource(source, interlaced=fields), tmp_path / "out.mkv"
    sink = open_sink(frames, out, FAST)
    for frame in frames:
        sink.push(frame)
    sink.finish()
    assert Counter(captions.read(out)) == Counter(LINES)
    assert "Hello, world" in captions.shown(out)


def test_a_picture_that_is_shown_again_says_nothing(source: Path) -> None:
    picture = next(iter(VideoSource(source))).handle
    reader = SideDataReader()
    again = silent(picture, reader)  # type: ignore[arg-type]
    assert captioned(picture, reader)  # type: ignore[arg-type]
    assert not captioned(again, reader)
    assert again.pts == picture.pts  # type: ignore[attr-defined]
    np.testing.assert_array_equal(again.to_ndarray(), picture.to_ndarray())  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["out.mkv", "pictures/%03d.png"])
def test_a_loss_is_told_or_refused(source: Path, tmp_path: Path, name: str) -> None:
    frames, out = VideoSource(source), tmp_path / name
    lossless = EncoderConfig(codec="ffv1")
    with pytest.raises(
        OutputError, match=r"closed captions would be lost.*output.strict"
    ) as caught:
        open_sink(frames, out, lossless, OutputConfig(strict=True))
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
    sink = open_sink(frames, out, lossless)
    assert "closed captions are lost" in sink.warnings[-1]
    for frame in frames:
        sink.push(frame)
    sink.finish()
    assert len(sink.warnings) == 1
    assert f"closed captions in {len(LINES) - 11} frames are lost" in sink.warnings[0]


def test_strict_ends_a_job_whose_captions_begin_late(tmp_path: Path, passed_through: Pass) -> None:
    lines = [*[captions.PADDING] * 104, *captions.words("Too late")]
    source = captions.make_captioned(tmp_path, Clip("late.ts", count=len(lines)), lines)
    assert not VideoSource(source).info.captions
    with pytest.raises(OutputError, match="closed captions"):
        passed_through(source, tmp_path / "out.mkv", codec="ffv1", output={"strict": True})
    # What was begun goes with the sink, which the caller aborts.
    assert not (tmp_path / "out.mkv").exists()


def test_padding_is_no_caption(tmp_path: Path, passed_through: Pass) -> None:
    lines = [captions.PADDING] * 12
    source = captions.make_captioned(tmp_path, Clip("quiet.ts"), lines)
    out = tmp_path / "out.mkv"
    assert passed_through(source, out, codec="ffv1", output={"strict": True}) == []


def test_captions_that_were_switched_off_are_told(
    source: Path, tmp_path: Path, passed_through: Pass
) -> None:
    off = {"codec": "libx265", "options": {"a53cc": "0"}}
    (told,) = passed_through(source, tmp_path / "out.mkv", **off)
    assert "closed captions" in told
