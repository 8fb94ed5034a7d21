"""HDR's mastering display and light levels come through the encoders that can hold them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.synthetic import Clip, make
from vidrestore.config import EncoderConfig
from vidrestore.video import VideoSource, hdr, open_sink, probe
from vidrestore.video.media import Colour, Mastering

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


def rewritten(source: Path, out: Path, codec: str) -> list[str]:
    frames = VideoSource(source)
    sink = open_sink(frames, out, EncoderConfig(codec=codec, speed="ultrafast"))
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
    assert not rewritten(source, out, codec)
    assert probe(out).picture.colour == probe(source).picture.colour


def test_what_cannot_be_kept_is_said(source: Path, tmp_path: Path) -> None:
    warnings = rewritten(source, tmp_path / "out.mkv", "ffv1")
    assert any("HDR mastering display" in warning for warning in warnings)


def test_av1_takes_plain_numbers() -> None:
    told = hdr.parameters("libsvtav1", Colour(mastering=BT2020, light=(1000, 400)))
    assert told == {
        "svtav1-params": "mastering-display=G(0.17,0.797)B(0.131,0.046)R(0.708,0.292)"
        "WP(0.3127,0.329)L(1000,0.005):content-light=1000,400"
    }
    assert hdr.parameters("libx265", Colour()) == {}
