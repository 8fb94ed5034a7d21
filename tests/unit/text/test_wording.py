from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidrestore.errors import ConfigError
from vidrestore.text.wording import clock, of_file, parse_time, size, spoken


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("90", 90),
        ("90.5", Fraction(181, 2)),
        (".25", Fraction(1, 4)),
        ("1:30", 90),
        ("1:30.001", Fraction(90001, 1000)),
        ("90:00", 5400),
        ("01:02:03.040", Fraction(3723040, 1000)),
        ("100:00:00", 360000),
        (" 5 ", 5),
        ("0.1", Fraction(1, 10)),
    ],
)
def test_times_are_exact(text, seconds):
    assert parse_time(text, "--from") == seconds


@pytest.mark.parametrize(
    "text",
    ["", "-1", "1:", ":30", "1:60", "1:60:00", "1:2:3:4", "1m30", "1e3", "nan", "inf", "1,5", "१"],
)
def test_other_text_is_refused(text):
    with pytest.raises(ConfigError) as caught:
        parse_time(text, "--from")
    assert str(caught.value).startswith(f"--from {text!r} is not a time")


@given(st.integers(0, 10**8))
def test_a_clock_reads_back(milliseconds):
    seconds = Fraction(milliseconds, 1000)
    assert parse_time(clock(float(seconds)), "--from") == seconds


def test_a_clock_before_zero():
    assert clock(-1.5) == "-0:00:01.500"
    assert clock(-0.0001) == "0:00:00.000"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (3599.6, "1 h 00 min"),
    ],
)
def test_lengths_at_a_glance(seconds, text):
    assert spoken(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (99_960, "100 kB"), (999_600, "1.0 MB")],
)
def test_bytes_at_a_glance(count, text):
    assert size(count) == text


def test_the_largest_unit_has_no_end():
    assert size(5e15) == "5000 TB"


def test_a_file_is_named_once():
    assert of_file(Path("a/b.mkv"), "it is damaged") == "a/b.mkv: it is damaged"
    assert of_file(Path("a/b.mkv"), "a/b.mkv is damaged") == "a/b.mkv is damaged"
