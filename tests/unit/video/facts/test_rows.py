"""Rows of encoders and containers agree with the FFmpeg that PyAV brings."""

from __future__ import annotations

import io

import av
import pytest

from vidrestore.config import CONTAINERS
from vidrestore.video.facts.containers import facts_of, is_ebml, is_isobmff
from vidrestore.video.facts.encoders import ENCODERS, encoder


@pytest.mark.parametrize("name", ENCODERS)
def test_an_encoder_knows_the_options_of_its_row(name):
    try:
        known = av.CodecContext.create(name, "w").supported_options
    except ValueError:
        pytest.skip("this PyAV has no such encoder")
    row, names = encoder(name), {option.name for option in (*known.generic, *known.private)}
    assert row.options.keys() <= names
    assert row.hdr is None or row.hdr.option in names


def test_of_an_encoder_without_a_row_nothing_is_assumed():
    assert not encoder("mpeg4").captions
    assert encoder("mpeg4").hdr is None


@pytest.mark.parametrize("name", sorted(set(CONTAINERS.values())))
def test_every_container_that_may_be_named_has_a_row_and_its_codecs(name):
    row = facts_of(name)
    assert (is_ebml(name), is_isobmff(name)) == (row.family == "ebml", row.family == "isobmff")
    with av.open(io.BytesIO(), "w", format=name) as output:
        assert row.sound in output.supported_codecs
        assert row.text is None or row.text in output.supported_codecs
        assert output.add_stream(row.sound, rate=48_000).type == "audio"
