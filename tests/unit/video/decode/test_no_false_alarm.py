"""Whole files are not called damaged, and what cannot be read is called what it is."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests import witness
from tests.made_files.packed import packed_avi
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.passing import passed_through
from vidrestore.config import EncoderConfig
from vidrestore.errors import InputError, OutputError
from vidrestore.video import VideoSource, open_sink, probe

_MOVING = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1")


@pytest.mark.parametrize("encode", [("libx264", "3"), ("libx264", "1"), ("mpeg4", "2")])
def test_reordered_pictures_in_avi_lack_nothing(tmp_path: Path, encode: tuple[str, str]) -> None:
    codec, reordered = encode
    source = tmp_path / "in.avi"
    witness.run(*_MOVING, "-c:v", codec, "-bf", reordered, "-g", "12", source)
    frames = VideoSource(source)
    assert len(list(frames)) == 25
    assert frames.warnings == []
    piece = VideoSource(source, start=Fraction(12, 25))
    assert len(list(piece)) == pytest.approx(14, abs=3)
    assert piece.warnings == []


@pytest.mark.parametrize("ending", [".avi", ".mkv"])
def test_a_packed_bitstream_lacks_nothing(tmp_path: Path, ending: str) -> None:
    source = packed_avi(tmp_path)
    if ending != ".avi":
        kept = tmp_path / f"in{ending}"
        witness.run("-fflags", "+genpts", "-i", source, "-c", "copy", kept)
        source = kept
    frames = VideoSource(source)
    assert len(list(frames)) == 25
    assert not any("missing" in line or "damaged" in line for line in frames.warnings)
    out = tmp_path / "out.mkv"
    passed_through(source, out)
    assert len(witness.frames(out)) == 25


@pytest.mark.parametrize("name", ["in.mkv", "in.webm"])
@pytest.mark.parametrize("tagged", [False, True])
def test_sound_may_outlast_the_picture(tmp_path: Path, name: str, *, tagged: bool) -> None:
    """A Matroska file is as long as its longest stream."""
    source = tmp_path / name
    codecs = ("libvpx-vp9", "libopus") if name == "in.webm" else ("libx264", "aac")
    witness.run(
        *(*_MOVING, "-f", "lavfi", "-i", "sine=440:r=48000:d=4"),
        *("-c:v", codecs[0], "-c:a", codecs[1], source),
    )
    if not tagged:
        data = source.read_bytes()
        assert b"DURATION" in data
        source.write_bytes(data.replace(b"DURATION", b"DELETION"))
    frames = VideoSource(source)
    assert len(list(frames)) == 25
    assert frames.warnings == []


def test_an_animated_webp_is_called_so(tmp_path: Path) -> None:
    source = tmp_path / "in.webp"
    witness.run(*_MOVING, "-c:v", "libwebp_anim", source)
    with pytest.raises(InputError, match="animated WebP, which this FFmpeg cannot decode"):
        VideoSource(source)


@pytest.mark.parametrize(("name", "named"), [("a.png", "a_%03d.png"), ("b.jpg", "b_%03d.png")])
def test_the_pattern_of_pictures_is_named(tmp_path: Path, name: str, named: str) -> None:
    source = VideoSource(make(tmp_path, Clip()))
    with pytest.raises(OutputError, match=f"name them {named}"):
        open_sink(source, tmp_path / name, EncoderConfig())


@pytest.mark.parametrize(
    ("title", "encoding"),
    [
        ("Прыжок", "cp1251"),
        ("Прыжок в воду летом тысяча девятьсот", "cp1251"),
        ("Été", "latin-1"),
        ("夏休みの思い出、海辺の町で過ごした日々", "shift_jis"),
    ],
)
@pytest.mark.parametrize("name", ["in.avi", "in.mkv"])
def test_tags_of_old_code_pages_are_read(
    tmp_path: Path, name: str, title: str, encoding: str
) -> None:
    data = title.encode(encoding)
    place = "x" * len(data)
    plain = make(tmp_path, Clip(f"plain-{name}", metadata={"title": place}))
    source = tmp_path / name
    assert plain.read_bytes().count(place.encode()) == 1
    source.write_bytes(plain.read_bytes().replace(place.encode(), data))
    frames = VideoSource(source)
    assert frames.info.metadata["title"] == title
    assert any("its tags are not UTF-8" in line for line in frames.warnings)
    out = tmp_path / "out.mkv"
    passed_through(source, out)
    assert title in witness.describe(out)
    assert not any("UTF-8" in line for line in VideoSource(out).warnings)
    assert probe(plain).tags_encoding == ""
