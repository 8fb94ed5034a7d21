"""Files that tell when pictures are decoded and not when they are shown, or nothing at all."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests import witness
from tests.clips import B_FRAMES
from tests.passing import passed_through
from tests.synthetic import Clip, make
from vidrestore.video import VideoSource


@pytest.mark.parametrize("ending", [".mp4", ".mov"])
@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_reordered_pictures_without_times_of_their_own(
    tmp_path: Path, ending: str, codec: str
) -> None:
    """The table that tells them ("ctts") is missing: each picture gets a time, evenly."""
    options = B_FRAMES if codec == "libx264" else {"bf": "2", "g": "8"}
    whole = make(tmp_path, Clip(f"whole{ending}", 24, codec=codec, options=options))
    data = whole.read_bytes()
    assert data.count(b"ctts") == 1
    source = tmp_path / f"in{ending}"
    # Without the edit list too, which hides what would begin before zero.
    source.write_bytes(data.replace(b"ctts", b"free").replace(b"edts", b"free"))
    frames = VideoSource(source)
    times = [frame.pts * frame.time_base for frame in frames]
    assert times == [Fraction(n, 25) for n in range(24)]
    assert frames.warnings == []
    shown = [frame.planes[0].copy() for frame in VideoSource(whole)]
    again = [frame.planes[0] for frame in VideoSource(source)]
    assert all((a == b).all() for a, b in zip(shown, again, strict=True))
    piece = VideoSource(source, start=Fraction(12, 25))
    assert len(list(piece)) == pytest.approx(12, abs=3)


@pytest.mark.parametrize(("name", "codec"), [("in.264", "libopenh264"), ("in.m4v", "mpeg4")])
def test_raw_streams_without_timing_get_even_times(tmp_path: Path, name: str, codec: str) -> None:
    source = tmp_path / name
    raw = "m4v" if name.endswith("m4v") else "h264"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=4")
    witness.run(*picture, "-c:v", codec, "-pix_fmt", "yuv420p", "-g", "25", "-f", raw, source)
    out = tmp_path / "out.mkv"
    passed_through(source, out)
    times = [seen.pts for seen in witness.frames(out)]
    assert len(times) == 100
    assert times == [Fraction(n, 25) for n in range(100)]
    passed_through(source, tmp_path / "piece.mkv", end=Fraction(3))
    assert len(witness.frames(tmp_path / "piece.mkv")) == 75
