"""Borders that the container hides never show, and what is shown is the source's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import witness
from tests.functional.exactness import samples
from tests.made_files import cropped, odd_files, synthetic
from vidrestore.config import EncoderConfig, InputConfig
from vidrestore.datatypes import FrameFormat
from vidrestore.video import VideoSource, open_sink, probe
from vidrestore.video.decode.cropping import Cropper
from vidrestore.video.pixels.formats import describe

CLIP = synthetic.Clip("whole.mkv", 4, 80, 64)
HIDDEN = (2, 4, 6, 8)


def _passed(source: VideoSource, out: Path, **options: Any) -> list[str]:
    sink = open_sink(source, out, EncoderConfig(speed="ultrafast", **options))
    for frame in source:
        sink.push(frame)
    sink.finish()
    source.close()
    return source.warnings


@pytest.mark.parametrize("name", ["hiding.mkv", "hiding.mov", "hiding.mp4"])
def test_the_result_plays_as_the_source_does(tmp_path: Path, name: str) -> None:
    whole = synthetic.make(tmp_path, CLIP)
    path = cropped.hide(whole, HIDDEN) if "mkv" in name else cropped.hide_in(whole, HIDDEN, name)
    source, out = VideoSource(path), tmp_path / "out.mkv"
    assert source.info.picture.hidden == HIDDEN
    assert (source.format.width, source.format.height) == (72, 52)
    told = _passed(source, out, codec="ffv1")
    assert any("borders; they are left out, 72x52 remain" in line for line in told)
    # The witness does what a player does: it crops.
    assert [seen.digest for seen in witness.frames(out)] == [
        seen.digest for seen in witness.frames(path)
    ]
    kept = zip(samples(whole, _format(whole)), samples(out, _format(out)), strict=True)
    for before, after in kept:
        y, x = (4, 2) if before.shape[1] == 64 else (2, 1)
        rows, columns = after.shape[1:]
        np.testing.assert_array_equal(after, before[:, y : y + rows, x : x + columns])


def _format(path: Path) -> FrameFormat:
    source = VideoSource(path)
    source.close()
    return source.format


def test_dv_in_mov_has_a_clean_aperture(tmp_path: Path) -> None:
    made = tmp_path / "dv.mov"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=720x576:d=0.2", "-pix_fmt", "yuv420p")
    witness.run(*picture, "-c:v", "dvvideo", made)
    path = cropped.aperture(made, (702, 576))
    source = VideoSource(path)
    assert source.info.picture.hidden == (9, 0, 9, 0)
    # A column more on either side, for chroma cannot be cut in two.
    assert (source.format.width, source.format.height) == (700, 576)
    frame = next(iter(source))
    assert (frame.planes[0] == next(iter(VideoSource(made))).planes[0][:, 10:710]).all()


@pytest.mark.parametrize(("codec", "name"), [("libx264", "h264"), ("libx265", "hevc")])
def test_the_decoder_crops_what_the_stream_hides(tmp_path: Path, codec: str, name: str) -> None:
    options = {"preset": "ultrafast"}
    clip = synthetic.Clip("whole.mkv", 4, 80, 64, codec=codec, options=options)
    path = tmp_path / "in.mkv"
    window = f"{name}_metadata=crop_left=2:crop_top=4:crop_right=6:crop_bottom=8"
    witness.run("-i", synthetic.make(tmp_path, clip), "-c", "copy", "-bsf:v", window, path)
    source, out = VideoSource(path), tmp_path / "out.mkv"
    assert (source.format.width, source.format.height) == (72, 52)
    assert not _passed(source, out, codec="ffv1")
    digests = [seen.digest for seen in witness.frames(out)]
    assert digests == [seen.digest for seen in witness.frames(path)]


def test_borders_are_kept_on_request(tmp_path: Path) -> None:
    whole = synthetic.make(tmp_path, CLIP)
    source = VideoSource(cropped.hide(whole, HIDDEN), config=InputConfig(borders="keep"))
    told = _passed(source, tmp_path / "out.mkv", codec="ffv1")
    assert any("hides are shown" in line for line in told)
    digests = [seen.digest for seen in witness.frames(tmp_path / "out.mkv")]
    assert digests == [seen.digest for seen in witness.frames(whole)]


def test_a_copied_video_keeps_its_rectangle(tmp_path: Path) -> None:
    """Hidden borders of a stream that is not restored stay hidden, and stay."""
    path = cropped.hide(odd_files.make_two_videos(tmp_path, 0), HIDDEN)
    out = tmp_path / "out.mkv"
    _passed(VideoSource(path), out, codec="ffv1")
    first, second = (stream.picture for stream in probe(out).streams)
    assert (first.hidden, second.hidden) == ((0, 0, 0, 0), HIDDEN)
    assert (second.width, second.height) == (64, 48)


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ((0, 0, 0, 0), None),
        ((40, 0, 40, 0), None),
        ((3, 0, 0, 0), (4, 0, 79, 63)),
        ((0, 0, 3, 0), (0, 0, 76, 63)),
        ((0, 1, 0, 1), (0, 2, 79, 62)),
    ],
)
def test_the_rectangle(hidden: tuple[int, int, int, int], shown: Any) -> None:
    assert Cropper(hidden, describe("yuv420p", 79, 63, 2, 0)).shown == shown
