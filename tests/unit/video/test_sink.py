"""Writing: samples, times, tags; all at once or not at all."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests import witness
from tests.made_files import clips, synthetic
from tests.stand_ins.fakes import FakeSource
from vidrestore.config import EncoderConfig
from vidrestore.video import VideoSink, VideoSource, open_sink, probe

Pass = Callable[..., list[str]]
EVERY = clips.EVERY
MILLISECOND = Fraction(1, 1000)


@pytest.mark.parametrize("name", EVERY)
def test_lossless_passage_changes_nothing(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, name: str
) -> None:
    """Every sample of every frame at its own time, in every format, by an independent reader."""
    source, out = clip(EVERY[name]), tmp_path / "out.mkv"
    if name == "mp4 with all":
        pytest.skip("Matroska cannot hold its subtitle; passed to MP4 in test_streams.py")
    assert passed_through(source, out, codec="ffv1") == []
    raw = "gbrp" if name == "rgb" else None
    before, after = witness.frames(source, pix_fmt=raw), witness.frames(out, pix_fmt=raw)
    assert [seen.digest for seen in after] == [seen.digest for seen in before]
    for a, b in zip(before, after, strict=True):
        # Matroska counts milliseconds; the nearest one is its best, and errors do not add up.
        assert abs(a.pts - b.pts) <= MILLISECOND / 2


@pytest.mark.parametrize("name", [n for n, c in EVERY.items() if c.pix_fmt == "yuv420p"])
def test_lossless_mp4_keeps_times_exactly(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, name: str
) -> None:
    if EVERY[name].width % 2 or name == "mkv with all":
        pytest.skip("x264 takes no odd sizes and MP4 no fonts")
    source, out = clip(EVERY[name]), tmp_path / "out.mp4"
    passed_through(source, out, codec="libx264", crf=0, speed="veryfast")
    before, after = witness.frames(source), witness.frames(out)
    assert [(s.pts, s.digest) for s in after] == [(s.pts, s.digest) for s in before]
    assert after[-1].duration == pytest.approx(before[-1].duration, abs=1e-3) or "vfr" in name


@pytest.mark.parametrize("codec", ["libx264", "libx265", "ffv1", "prores"])
@pytest.mark.parametrize("name", ["cfr", "10 bit", "gray", "4:2:2", "odd 4:4:4"])
def test_codecs_keep_depth_and_chroma_where_they_can(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, name: str, codec: str
) -> None:
    source, out = clip(EVERY[name]), tmp_path / ("out.mov" if codec == "prores" else "out.mkv")
    warnings = passed_through(source, out, codec=codec, crf=4)
    was, now = VideoSource(source), VideoSource(out)
    assert now.info.stream.codec == {"libx264": "h264", "libx265": "hevc"}.get(codec, codec)
    assert now.format.bits >= was.format.bits
    if name != "gray":
        # A decoder may show gray as colour with neutral chroma.
        assert sum(now.format.chroma_shift) <= sum(was.format.chroma_shift)
    assert bool(warnings) == (codec == "prores")
    gain = 1 << (now.format.bits - was.format.bits)
    for a, b in zip(was, now, strict=True):
        error = b.planes[0].astype(float) / gain - a.planes[0]
        assert np.abs(error).mean() < 3 * (1 << (was.format.bits - 8))


def test_what_an_encoder_cannot_hold_is_told(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    told = passed_through(clip(EVERY["alpha"]), tmp_path / "a.mkv")
    assert len(told) == 1
    assert "transparency is lost" in told[0]
    told = passed_through(clip(EVERY["12 bit"]), tmp_path / "b.mkv", codec="libx264")
    assert "12 bits are reduced to 10" in told[0]
    told = passed_through(clip(EVERY["odd size"]), tmp_path / "c.mkv")
    assert "finer grid" in told[0]


def test_luma_is_exact_where_only_chroma_must_change(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    """x264 takes no odd 4:2:0; as 4:4:4 its luma is still bit for bit the source's."""
    source, out = clip(EVERY["odd size"]), tmp_path / "out.mkv"
    passed_through(source, out, crf=0)
    for a, b in zip(VideoSource(source), VideoSource(out), strict=True):
        np.testing.assert_array_equal(a.planes[0], b.planes[0])


@pytest.mark.parametrize("ending", [".mkv", ".mp4", ".mov"])
def test_tags_of_the_picture(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, ending: str
) -> None:
    out = tmp_path / f"out{ending}"
    for name in ("rotated", "wide pixels", "bt709 limited", "full range"):
        source = clip(EVERY[name])
        passed_through(source, out, overwrite=True)
        was, now = probe(source).picture, probe(out).picture
        assert now.rotation == was.rotation
        assert now.display_matrix == was.display_matrix
        assert now.sample_aspect == was.sample_aspect
        assert now.colour == was.colour, name
        assert now.rate == was.rate
    assert "pc, bt709" in witness.describe(out)


def test_pasted_samples_are_written_and_no_others(
    clip: synthetic.ClipMaker, tmp_path: Path
) -> None:
    source = VideoSource(clip(EVERY["b-frames"]))
    truth = [tuple(plane.copy() for plane in frame.planes) for frame in source]
    sink = open_sink(source, tmp_path / "out.mkv", EncoderConfig(codec="ffv1"))
    for frame in source:
        if frame.index % 2:
            changed = tuple(plane.copy() for plane in frame.planes)
            changed[0][10:20, 30:40] = 200
            truth[frame.index] = tuple(plane.copy() for plane in changed)
            sink.push(frame.pasted(changed))
        else:
            sink.push(frame)
    sink.finish()
    for frame in VideoSource(tmp_path / "out.mkv"):
        for a, b in zip(truth[frame.index], frame.planes, strict=True):
            np.testing.assert_array_equal(a, b)


def test_frames_without_a_handle_are_written(tmp_path: Path, clip: synthetic.ClipMaker) -> None:
    fake = FakeSource(count=4, width=64, height=48)
    media = probe(clip(EVERY["cfr"]))
    sink = VideoSink(media, fake.format, tmp_path / "out.mkv", EncoderConfig(codec="ffv1"))
    for frame in fake:
        sink.push(frame)
    sink.finish()
    for a, b in zip(fake, VideoSource(tmp_path / "out.mkv"), strict=True):
        assert b.seconds == a.seconds
        np.testing.assert_array_equal(a.planes[1], b.planes[1])


def test_a_piece_begins_at_zero(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    source, out = clip(EVERY["transport stream"]), tmp_path / "piece.mkv"
    passed_through(source, out, codec="ffv1", start=Fraction(1, 5), end=Fraction(3, 5))
    before = witness.frames(source)
    origin = VideoSource(source).info.start
    wanted = [s for s in before if Fraction(1, 5) <= s.pts - origin < Fraction(3, 5)]
    after = witness.frames(out)
    assert [s.digest for s in after] == [s.digest for s in wanted]
    assert [s.pts for s in after] == [s.pts - wanted[0].pts for s in wanted]


def test_options_reach_the_encoder(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    passed_through(clip(EVERY["cfr"]), tmp_path / "out.mkv", options={"g": "3", "bf": "0"})
    flags = [packet.size for packet in witness.packets(tmp_path / "out.mkv", "0:v:0")]
    small, large = sorted(flags)[:8], sorted(flags)[8:]
    assert len(large) == 4, "a keyframe every three frames"
    assert min(large) > max(small)
