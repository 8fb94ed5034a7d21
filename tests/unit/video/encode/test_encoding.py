"""Which settings an encoder gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidrestore.config import EncoderConfig
from vidrestore.errors import ConfigError
from vidrestore.video.encode.encoding import choose_format, even_format, plan
from vidrestore.video.facts.tags import Colour
from vidrestore.video.pixels import formats

CHROMA = {"yuv420p": 1, "yuv422p": 2, "yuv444p": 4}
DEPTHS = ["", "10le", "12le", "16le"]
names = st.builds(lambda a, b: a + b, st.sampled_from(sorted(CHROMA)), st.sampled_from(DEPTHS))


def _describe(name: str) -> formats.FrameFormat:
    return formats.describe(name, 64, 48, 2, 0)


@given(names, st.lists(names, min_size=1, unique=True))
def test_nothing_is_lost_without_need(name: str, supported: list[str]) -> None:
    fmt = _describe(name)
    choice, kept, losses = choose_format(supported, fmt)
    assert choice in supported
    holding = [
        s
        for s in map(_describe, supported)
        if s.bits >= fmt.bits and sum(s.chroma_shift) <= sum(fmt.chroma_shift)
    ]
    if holding:
        assert kept in holding
        assert kept.bits == min(h.bits for h in holding if h.chroma_shift == kept.chroma_shift)
        assert not any("reduced" in loss for loss in losses)
    else:
        assert any("reduced" in loss for loss in losses)
    if name in supported:
        assert (choice, losses) == (name, ())


def test_packed_formats_count_as_what_they_hold() -> None:
    """FFV1 takes 8-bit RGB as bgr0 only; nothing is lost by that, so nothing is said."""
    choice, kept, losses = choose_format(["yuv444p", "bgra", "bgr0"], _describe("gbrp"))
    assert (choice, kept.pix_fmt, losses) == ("bgr0", "gbrp", ())


@pytest.mark.parametrize(
    ("size", "name", "choice"),
    [
        ((64, 48), "yuv420p", "yuv420p"),
        ((63, 48), "yuv420p", "yuv444p"),
        ((64, 47), "yuv420p", "yuv422p"),
        ((63, 47), "yuv420p10le", "yuv444p10le"),
        ((63, 47), "gray", "gray"),
    ],
)
def test_encoders_that_want_even_sizes(size: tuple[int, int], name: str, choice: str) -> None:
    fmt = formats.describe(name, *size, 2, 0)
    assert even_format("libx264", fmt).pix_fmt == choice
    assert even_format("ffv1", fmt).pix_fmt == name
    assert plan(EncoderConfig(codec="libx264"), fmt, Colour()).pix_fmt == choice


def test_options_of_each_codec() -> None:
    fmt = _describe("yuv422p10le")
    x264 = plan(EncoderConfig(codec="libx264", crf=18.5, speed="slow"), fmt, Colour())
    told = {name: value for name, value in x264.options.items() if name != "x264-params"}
    assert told == {"crf": "18.5", "preset": "slow"}
    prores = plan(EncoderConfig(codec="prores"), fmt, Colour())
    assert (prores.encoder, prores.options["profile"]) == ("prores_ks", "hq")
    four = plan(EncoderConfig(codec="prores"), _describe("yuv444p12le"), Colour())
    assert four.options["profile"] == "4444"
    x265 = EncoderConfig(codec="libx265", options={"x265-params": "aq-mode=3"})
    assert plan(x265, fmt, Colour()).options["x265-params"] == "log-level=error:aq-mode=3"


def test_rgb_stays_rgb() -> None:
    made = plan(EncoderConfig(codec="libx264"), _describe("gbrp"), Colour())
    assert made.encoder == "libx264rgb"
    assert made.colour.matrix == 0
    assert made.warnings == ()


def test_full_range_is_tagged_even_if_the_source_only_implied_it() -> None:
    fmt = formats.describe("yuv420p", 64, 48, 2, formats.FULL)
    assert plan(EncoderConfig(codec="libx264"), fmt, Colour()).colour.range == formats.FULL
    assert plan(EncoderConfig(codec="libx264"), _describe("yuv420p"), Colour()).colour == Colour()


@pytest.mark.parametrize("name", ["gray", "gray10le"])
def test_full_range_of_gray_is_told_where_a_player_would_not_guess_it(name: str) -> None:
    """Gray is full range without a tag; H.264 without one is limited, and players draw it so."""
    fmt = formats.describe(name, 64, 48, 2, formats.UNSPECIFIED_RANGE)
    spans = {
        codec: plan(EncoderConfig(codec=codec), fmt, Colour()).colour.range
        for codec in ("libx264", "libx265", "ffv1")
    }
    assert spans == {
        "libx264": formats.FULL,
        "libx265": formats.FULL,
        "ffv1": formats.UNSPECIFIED_RANGE,
    }


def test_unknown_options_are_told() -> None:
    with pytest.raises(ConfigError, match="no option 'tunne'; did you mean 'tune'"):
        plan(
            EncoderConfig(codec="libx264", options={"tunne": "film"}),
            _describe("yuv420p"),
            Colour(),
        )
