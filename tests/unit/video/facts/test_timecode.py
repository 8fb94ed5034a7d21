"""Timecode counts as SMPTE ST 12-1 says, by hand and by a property."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import witness
from tests.made_files import synthetic
from tests.made_files.synthetic import NTSC, Clip
from vidrestore.config import EncoderConfig, InterlacedConfig
from vidrestore.video import VideoSource, open_sink, probe
from vidrestore.video.facts.timecode import Timecode

Pass = Callable[..., list[str]]
RATES = [Fraction(24000, 1001), Fraction(24), Fraction(25), NTSC, Fraction(30), Fraction(50)]


@pytest.mark.parametrize(
    ("text", "number", "following"),
    [
        ("00:00:59;29", 1799, "00:01:00;02"),
        ("00:09:59;29", 17_981, "00:10:00;00"),
        ("00:10:59;29", 17_982 + 1799, "00:11:00;02"),
        ("01:00:00;00", 107_892, "01:00:00;01"),
        ("23:59:59;29", 2_589_407, "00:00:00;00"),
        ("00:00:59:29", 1799, "00:01:00:00"),
        ("23:59:59:29", 2_591_999, "00:00:00:00"),
    ],
)
def test_by_hand(text: str, number: int, following: str) -> None:
    code = Timecode.parse(text, NTSC)
    assert code is not None
    assert code.number == number
    assert str(code) == text
    assert str(code.later(1 / NTSC)) == following


@given(
    number=st.integers(0, 24 * 3600 * 60 - 24 * 6 * 18 * 2 - 1),
    rate=st.sampled_from([NTSC, 2 * NTSC, *RATES]),
    drop=st.booleans(),
)
def test_every_frame_has_its_own_address(number: int, rate: Fraction, *, drop: bool) -> None:
    drop = drop and round(rate) % 30 == 0
    day = Timecode(number, rate, drop).number % _day(rate, drop=drop)
    text = str(Timecode(number, rate, drop))
    assert Timecode.parse(text, rate) == Timecode(day, rate, drop)
    if drop:
        minutes, seconds, frames = int(text[3:5]), text[6:8], int(text[9:])
        dropped = seconds == "00" and minutes % 10 != 0 and frames < round(rate) // 15
        assert not dropped


def _day(rate: Fraction, *, drop: bool) -> int:
    dropped = round(rate) // 15 * (1440 - 144) if drop else 0
    return 86_400 * round(rate) - dropped


@pytest.mark.parametrize(
    "text", ["", "1:2:3:4", "00:00:00:30", "00:61:00:00", "aa:00:00:00", "00:00:00:00:00"]
)
def test_what_is_none_is_left_alone(text: str) -> None:
    assert Timecode.parse(text, NTSC) is None


@pytest.mark.parametrize(
    ("text", "rate", "becomes"),
    [
        ("01:02:03;04", 2 * NTSC, "01:02:03;08"),
        ("01:02:03:24", Fraction(50), "01:02:03:48"),
        ("01:02:03:05", Fraction(24000, 1001), "01:02:03:04"),
    ],
)
def test_other_rates(text: str, rate: Fraction, becomes: str) -> None:
    before = {2 * NTSC: NTSC, Fraction(50): Fraction(25)}.get(rate, NTSC)
    code = Timecode.parse(text, before)
    assert code is not None
    assert str(code.at(rate)) == becomes


def _taped(folder: Path, code: str, ending: str = ".mov", count: int = 60) -> Path:
    """An NTSC clip with a timecode and dates."""
    clip = synthetic.make(folder, Clip("plain.mov", count=count, rate=NTSC))
    source = folder / f"tape{ending}"
    dates = ("-metadata", "creation_time=2001-02-03T04:05:06Z", "-metadata", "date=2001-02-03")
    witness.run("-i", clip, "-c", "copy", "-timecode", code, *dates, source)
    return source


@pytest.mark.parametrize("ending", [".mov", ".mp4", ".mkv"])
def test_a_piece_begins_with_its_own_timecode(
    tmp_path: Path, passed_through: Pass, ending: str
) -> None:
    source, out = _taped(tmp_path, "00:00:59;20"), tmp_path / f"out{ending}"
    passed_through(source, out, start=Fraction(1001, 2000), end=Fraction(3, 2))
    # 15 frames on, two of whose numbers are dropped at the full minute.
    assert "00:01:00;07" in witness.describe(out)
    assert "00:00:59" not in witness.describe(out)
    told = {key.lower(): value for key, value in probe(out).metadata.items()}
    assert told["creation_time"].startswith("2001-02-03T04:05:06")
    assert told["date"] == "2001-02-03"
    passed_through(source, tmp_path / f"end{ending}", end=Fraction(1))
    assert "00:00:59;20" in witness.describe(tmp_path / f"end{ending}")


def test_twice_the_pictures_count_twice(tmp_path: Path) -> None:
    fields = InterlacedConfig(mode="always", rate="field")
    frames, out = (
        VideoSource(_taped(tmp_path, "01:02:03;04"), interlaced=fields),
        tmp_path / "o.mov",
    )
    sink = open_sink(frames, out, EncoderConfig(speed="ultrafast"))
    for frame in frames:
        sink.push(frame)
    sink.finish()
    assert "01:02:03;08" in witness.describe(out)
