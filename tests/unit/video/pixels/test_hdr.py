"""HDR's mastering display and light levels come through the encoders that can hold them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests import witness
from tests.made_files import dynamic_hdr
from tests.made_files.synthetic import Clip, make
from vidrestore.config import EncoderConfig, OutputConfig
from vidrestore.errors import OutputError
from vidrestore.video import VideoSource, open_sink, probe
from vidrestore.video.facts.encoders import encoder
from vidrestore.video.facts.tags import Colour, Mastering
from vidrestore.video.pixels import hdr

BT2020 = Mastering((35400, 14600), (8500, 39850), (6550, 2300), (15635, 16450), 10_000_000, 50)
TOLD = "G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,50)"
X265 = f"log-level=error:master-display={TOLD}:max-cll=1000,400"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return make(
        tmp_path,
        Clip(
            "hdr.mkv",
            4,
            pix_fmt="yuv420p10le",
            codec="libx265",
            options={"preset": "ultrafast", "x265-params": X265},
            colour=(9, 16, 9, 1),
        ),
    )


def rewritten(source: Path, out: Path, codec: str, *, strict: bool = False) -> list[str]:
    frames = VideoSource(source)
    config = EncoderConfig(codec=codec, speed="ultrafast")
    sink = open_sink(frames, out, config, OutputConfig(strict=strict))
    for frame in frames:
        sink.push(frame)
    sink.finish()
    return sink.warnings


def test_it_is_read_in_its_own_units(source: Path) -> None:
    colour = probe(source).picture.colour
    assert (colour.mastering, colour.light) == (BT2020, (1000, 400))


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize("container", ["mkv", "mp4"])
def test_it_comes_through(source: Path, tmp_path: Path, codec: str, container: str) -> None:
    out = tmp_path / f"out.{container}"
    told = rewritten(source, out, codec)
    # H.264 of 10 bits is kept, and few players know it.
    deep = (codec, container) == ("libx264", "mp4")
    assert ["H.264 with 10 bits" in line for line in told] == [True] * deep
    assert probe(out).picture.colour == probe(source).picture.colour


def test_what_cannot_be_kept_is_said(source: Path, tmp_path: Path) -> None:
    warnings = rewritten(source, tmp_path / "out.mkv", "ffv1")
    assert any("HDR mastering display" in warning for warning in warnings)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """PQ without metadata and without B-frames."""
    options = {"preset": "ultrafast", "x265-params": "log-level=error:bframes=0"}
    clip = Clip("plain.mp4", 4, pix_fmt="yuv420p10le", codec="libx265", options=options)
    return make(tmp_path, replace(clip, colour=(9, 16, 9, 1)))


def test_dynamic_metadata_is_told_as_lost(plain: Path, tmp_path: Path) -> None:
    source = dynamic_hdr.with_units(plain, dynamic_hdr.hdr10_plus())
    assert probe(source).picture.colour.dynamic == ("HDR10+",)
    (said,) = rewritten(source, tmp_path / "out.mp4", "libx265")
    assert said == "the metadata of HDR10+ is lost: no encoder takes it"
    with pytest.raises(OutputError, match=r"HDR10\+.*output.strict"):
        rewritten(source, tmp_path / "other.mp4", "libx265", strict=True)
    assert not (tmp_path / "other.mp4").exists()


def test_static_metadata_is_kept_or_strictly_refused(source: Path, tmp_path: Path) -> None:
    assert not rewritten(source, tmp_path / "out.mkv", "libx265", strict=True)
    with pytest.raises(OutputError, match="ffv1 cannot hold the HDR mastering"):
        rewritten(source, tmp_path / "lost.mkv", "ffv1", strict=True)


def test_the_base_of_dolby_vision_is_restored(plain: Path, tmp_path: Path) -> None:
    source = dynamic_hdr.dolby_vision(plain, 8, 1)
    assert "DOVI configuration record: version: 1.0, profile: 8" in witness.describe(source)
    (said,) = rewritten(source, tmp_path / "out.mp4", "libx265")
    assert "Dolby Vision profile 8 is lost" in said
    # What is no longer true of the result is not claimed.
    assert "DOVI" not in witness.describe(tmp_path / "out.mp4")


@pytest.mark.parametrize("name", ["out.mp4", "f_%d.png"])
def test_pictures_that_are_wrong_without_it_are_refused(
    plain: Path, tmp_path: Path, name: str
) -> None:
    source = dynamic_hdr.dolby_vision(plain, 5, 0)
    before = set(tmp_path.iterdir())
    with pytest.raises(OutputError, match="Dolby Vision profile 5 are wrong without"):
        rewritten(source, tmp_path / name, "libx265")
    assert set(tmp_path.iterdir()) == before


def test_av1_takes_plain_numbers() -> None:
    told = hdr.parameters(encoder("libsvtav1"), Colour(mastering=BT2020, light=(1000, 400)))
    assert told == {
        "svtav1-params": "mastering-display=G(0.17,0.797)B(0.131,0.046)R(0.708,0.292)"
        "WP(0.3127,0.329)L(1000,0.005):content-light=1000,400"
    }
    assert hdr.parameters(encoder("libx265"), Colour()) == {}
