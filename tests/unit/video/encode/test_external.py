"""Encoding with the user's own FFmpeg."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from tests import witness
from tests.made_files import clips, synthetic
from vidrestore.config import EncoderConfig
from vidrestore.errors import ConfigError, OutputError
from vidrestore.video import VideoSource, open_sink, probe

Pass = Callable[..., list[str]]
EVERY = clips.EVERY


def _own(**options: Any) -> dict[str, Any]:
    return {"backend": "ffmpeg", "ffmpeg": imageio_ffmpeg.get_ffmpeg_exe(), **options}


@pytest.mark.parametrize(
    "name",
    [
        "ntsc",
        "vfr",
        "gaps",
        "transport stream",
        "odd size",
        "4:1:1",
        "12 bit",
        "gray",
        "rgb 10 bit",
        "alpha",
        "full range",
        "mkv with all",
    ],
)
def test_lossless_passage_changes_nothing(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, name: str
) -> None:
    source, out = clip(EVERY[name]), tmp_path / "out.mkv"
    assert passed_through(source, out, **_own(codec="ffv1")) == []
    before, after = witness.frames(source), witness.frames(out)
    assert [seen.digest for seen in after] == [seen.digest for seen in before]
    assert all(abs(a.pts - b.pts) <= 0.0005 for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize("name", ["vfr", "b-frames", "late start", "mp4 with all"])
def test_times_are_exact_with_reordered_frames(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass, name: str
) -> None:
    source, out = clip(EVERY[name]), tmp_path / "out.mp4"
    passed_through(source, out, **_own(codec="libx264", crf=0, speed="veryfast"))
    before, after = witness.frames(source), witness.frames(out)
    assert [(s.pts, s.digest) for s in after] == [(s.pts, s.digest) for s in before]


def test_tags_and_streams_are_those_of_the_other_backend(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    for name in ("rotated", "wide pixels", "bt709 limited", "mp4 with all"):
        source, out = clip(EVERY[name]), tmp_path / "out.mp4"
        passed_through(source, out, **_own(overwrite=True))
        was, now = probe(source), probe(out)
        assert now.picture.rotation == was.picture.rotation
        assert now.picture.sample_aspect == was.picture.sample_aspect
        assert now.picture.colour == was.picture.colour
        assert [s.kind for s in now.streams] == [s.kind for s in was.streams]


def test_encoders_that_only_the_binary_has(
    clip: synthetic.ClipMaker, tmp_path: Path, passed_through: Pass
) -> None:
    out = tmp_path / "out.mkv"
    passed_through(clip(EVERY["cfr"]), out, **_own(codec="mpeg4", options={"q:v": "2"}))
    assert probe(out).stream.codec == "mpeg4"
    assert len(witness.frames(out)) == 12


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"ffmpeg": "no-such-ffmpeg"}, "no-such-ffmpeg"),
        ({"codec": "libx999"}, "libx999"),
        ({"speed": "warp9"}, "libx264"),
        ({"options": {"map": "0:1"}}, "map"),
        ({"options": {"no_such_option": "1"}}, "no_such_option"),
    ],
)
def test_what_cannot_work_is_told_before_any_work(
    clip: synthetic.ClipMaker, tmp_path: Path, options: dict[str, Any], told: str
) -> None:
    source = VideoSource(clip(EVERY["cfr"]))
    config = EncoderConfig(**_own(**options))
    with pytest.raises(ConfigError) as caught:
        open_sink(source, tmp_path / "out.mkv", config)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_codec_that_the_container_cannot_hold(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    source = VideoSource(clip(EVERY["cfr"]))
    with pytest.raises(OutputError, match="webm"):
        open_sink(source, tmp_path / "out.webm", EncoderConfig(**_own(codec="mpeg4")))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def flaky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that works for the trial and then reads a little, complains and dies or hangs."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "flaky"
    script.write_text(
        f"#!{sys.executable}\n"
        "import os, subprocess, sys, pathlib, time\n"
        f"seen = pathlib.Path({str(folder)!r}) / 'seen'\n"
        "if not seen.exists():\n"
        "    seen.touch()\n"
        f"    real = {imageio_ffmpeg.get_ffmpeg_exe()!r}\n"
        "    sys.exit(subprocess.run([real, *sys.argv[1:]]).returncode)\n"
        "sys.stdin.buffer.read(3000)\n"
        f"if (pathlib.Path({str(folder)!r}) / 'hang').exists():\n"
        "    time.sleep(600)\n"
        "print('[enc @ 0x1] No more paper in the encoder', file=sys.stderr)\n"
        "print('Conversion failed!', file=sys.stderr)\n"
        "sys.exit(1)\n"
    )
    script.chmod(0o755)
    return script


def test_a_binary_that_dies(clip: synthetic.ClipMaker, tmp_path: Path, flaky: Path) -> None:
    source = VideoSource(clip(EVERY["cfr"]))
    config = EncoderConfig(backend="ffmpeg", ffmpeg=str(flaky), codec="ffv1")
    sink = open_sink(source, tmp_path / "out.mkv", config)
    frames = list(source)

    def write() -> None:
        for _ in range(50):
            for frame in frames:
                sink.push(frame)
        sink.finish()

    with pytest.raises(OutputError, match="No more paper in the encoder"):
        write()
    sink.abort()
    assert list(tmp_path.iterdir()) == []


def test_abort_ends_a_binary_that_hangs(
    clip: synthetic.ClipMaker, tmp_path: Path, flaky: Path
) -> None:
    (flaky.parent / "hang").touch()
    source = VideoSource(clip(synthetic.Clip("big.mkv", width=640, height=480, count=4)))
    config = EncoderConfig(backend="ffmpeg", ffmpeg=str(flaky), codec="ffv1")
    sink = open_sink(source, tmp_path / "out.mkv", config)
    frames = list(source)
    failed: list[OutputError] = []
    entered = threading.Event()

    def write() -> None:
        try:
            for frame in frames:
                entered.set()
                sink.push(frame)
        except OutputError as error:
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    assert entered.wait(120)
    sink.abort()
    writer.join(120)
    assert not writer.is_alive()
    assert failed
    assert list(tmp_path.iterdir()) == []


def test_abort_and_abort_again(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    source = VideoSource(clip(EVERY["cfr"]))
    sink = open_sink(source, tmp_path / "out.mkv", EncoderConfig(**_own()))
    for frame in source:
        sink.push(frame)
    sink.abort()
    sink.abort()
    assert list(tmp_path.iterdir()) == []
