"""Writing: samples, times, tags; all at once or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import synthetic, witness
from tests.fakes import FakeSource
from vidrestore.config import EncoderConfig
from vidrestore.datatypes import Frame
from vidrestore.errors import ConfigError, OutputError, VidrestoreError
from vidrestore.video import VideoSink, VideoSource, open_sink, probe

Pass = Callable[..., list[str]]
EVERY = {**synthetic.TIMINGS, **synthetic.PICTURES, **synthetic.STREAMS}
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
    assert "transparency is dropped" in told[0]
    told = passed_through(clip(EVERY["12 bit"]), tmp_path / "b.mkv")
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


# Before any work.


def _refused(
    kind: type[VidrestoreError], source: VideoSource, out: Path | str, **options: Any
) -> str:
    before = (
        sorted(path.name for path in Path(out).parent.glob("*"))
        if Path(out).parent.is_dir()
        else []
    )
    with pytest.raises(kind) as caught:
        open_sink(source, out, EncoderConfig(**options))
    text = str(caught.value)
    assert "\n" not in text
    if Path(out).parent.is_dir():
        assert sorted(path.name for path in Path(out).parent.glob("*")) == before, "left behind"
    return text


@pytest.fixture
def source(clip: synthetic.ClipMaker) -> VideoSource:
    return VideoSource(clip(EVERY["cfr"]))


def test_an_existing_file_is_not_replaced(source: VideoSource, tmp_path: Path) -> None:
    out = tmp_path / "out.mkv"
    out.write_text("precious")
    assert "--overwrite" in _refused(OutputError, source, out)
    assert out.read_text() == "precious"


def test_an_existing_file_is_replaced_only_when_all_is_done(
    source: VideoSource, tmp_path: Path
) -> None:
    out = tmp_path / "out.mkv"
    out.write_text("precious")
    sink = open_sink(source, out, EncoderConfig(codec="ffv1"), overwrite=True)
    for frame in source:
        sink.push(frame)
        assert out.read_text() == "precious"
    sink.finish()
    assert len(witness.frames(out)) == 12
    assert [path.name for path in tmp_path.iterdir()] == ["out.mkv"]


@pytest.mark.parametrize("link", ["same", "symbolic", "hard", "dotted"])
def test_the_input_is_never_the_output(
    clip: synthetic.ClipMaker, tmp_path: Path, link: str
) -> None:
    path = tmp_path / "in.mp4"
    path.write_bytes(clip(EVERY["cfr"]).read_bytes())
    out = tmp_path / "other.mp4"
    if link == "same":
        out = path
    elif link == "symbolic":
        out.symlink_to(path)
    elif link == "hard":
        os.link(path, out)
    else:
        (tmp_path / "folder").mkdir()
        out = tmp_path / "folder" / ".." / "in.mp4"
    with pytest.raises(OutputError, match="is the input itself"):
        open_sink(VideoSource(path), out, EncoderConfig(), overwrite=True)
    assert len(list(VideoSource(path))) == 12


def test_places_that_cannot_be_written(source: VideoSource, tmp_path: Path) -> None:
    assert "does not exist" in _refused(OutputError, source, tmp_path / "no" / "out.mkv")
    (tmp_path / "folder.mkv").mkdir()
    assert "is a directory" in _refused(OutputError, source, tmp_path / "folder.mkv")
    assert "cannot write" in _refused(OutputError, source, "/proc/out.mkv")


@pytest.mark.parametrize("name", ["out", "out.xyz", "out.txt"])
def test_unknown_endings(source: VideoSource, tmp_path: Path, name: str) -> None:
    assert ".mkv" in _refused(OutputError, source, tmp_path / name)


def test_codecs_that_do_not_fit(source: VideoSource, tmp_path: Path) -> None:
    assert "webm" in _refused(OutputError, source, tmp_path / "out.webm", codec="libx264")
    assert "*.mkv" in _refused(OutputError, source, tmp_path / "out.webm", codec="prores")


def test_options_that_do_not_fit(source: VideoSource, tmp_path: Path) -> None:
    text = _refused(ConfigError, source, tmp_path / "a.mkv", options={"tunne": "film"})
    assert "'tune'" in text
    assert "speed" in _refused(ConfigError, source, tmp_path / "a.mkv", speed="warp9")
    assert "tune" in _refused(ConfigError, source, tmp_path / "a.mkv", options={"tune": "nothing"})


def test_options_reach_the_encoder(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    passed_through(clip(EVERY["cfr"]), tmp_path / "out.mkv", options={"g": "3", "bf": "0"})
    flags = [packet.size for packet in witness.packets(tmp_path / "out.mkv", "0:v:0")]
    small, large = sorted(flags)[:8], sorted(flags)[8:]
    assert len(large) == 4, "a keyframe every three frames"
    assert min(large) > max(small)


# Afterwards.


def test_abort_leaves_nothing(source: VideoSource, tmp_path: Path) -> None:
    sink = open_sink(source, tmp_path / "out.mkv", EncoderConfig())
    for frame in source:
        sink.push(frame)
    sink.abort()
    sink.abort()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OutputError):
        sink.finish()
    with pytest.raises(OutputError):
        sink.push(frame)


def test_abort_from_another_thread(source: VideoSource, tmp_path: Path) -> None:
    sink = open_sink(source, tmp_path / "out.mkv", EncoderConfig())
    frames = list(source)
    sink.push(frames[0])
    failed: list[OutputError] = []

    def push() -> None:
        try:
            while True:
                sink.push(frames[1])
        except OutputError as error:
            failed.append(error)

    writer = threading.Thread(target=push)
    writer.start()
    sink.abort()
    writer.join(20)
    assert not writer.is_alive()
    assert failed
    assert list(tmp_path.iterdir()) == []


def test_nothing_written_is_an_error(source: VideoSource, tmp_path: Path) -> None:
    sink = open_sink(source, tmp_path / "out.mkv", EncoderConfig())
    with pytest.raises(OutputError, match="no frame"):
        sink.finish()
    assert list(tmp_path.iterdir()) == []


def test_abort_after_finish_keeps_the_result(source: VideoSource, tmp_path: Path) -> None:
    sink = open_sink(source, tmp_path / "out.mkv", EncoderConfig())
    for frame in source:
        sink.push(frame)
    sink.finish()
    sink.abort()
    assert [path.name for path in tmp_path.iterdir()] == ["out.mkv"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(
    source: VideoSource, tmp_path: Path
) -> None:
    out = tmp_path / "out.mkv"
    sink = open_sink(source, out, EncoderConfig())
    for frame in source:
        sink.push(frame)
    out.write_text("someone else's")
    with pytest.raises(OutputError):
        sink.finish()
    assert out.read_text() == "someone else's"
    assert [path.name for path in tmp_path.iterdir()] == ["out.mkv"]


def _write_all(sink: VideoSink, frames: list[Frame]) -> None:
    for frame in frames:
        sink.push(frame)
    sink.finish()


def test_a_full_disk(source: VideoSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit on the size of a file stands for a disk that is full."""
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    sink = open_sink(source, tmp_path / "out.mkv", EncoderConfig(codec="ffv1"))
    frames = list(source)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8000, hard))
        with pytest.raises(OutputError, match="cannot write"):
            _write_all(sink, frames)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    sink.abort()
    assert list(tmp_path.iterdir()) == []
