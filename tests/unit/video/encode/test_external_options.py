from __future__ import annotations

import imageio_ffmpeg
import pytest

from vidrestore.config import EncoderConfig
from vidrestore.errors import ConfigError
from vidrestore.video.encode.external_options import own_options


def config(options: dict[str, str], ffmpeg: str | None = None) -> EncoderConfig:
    own = ffmpeg or imageio_ffmpeg.get_ffmpeg_exe()
    return EncoderConfig(backend="ffmpeg", ffmpeg=own, options=options)


@pytest.mark.parametrize(
    "name",
    [
        "an",
        "progress",
        "vstats_file",
        "filter:v",
        "filter_complex",
        "c:v",
        "attach",
        "f",
        "i",
        "map",
        "init_hw_device",
        "format",
        "stats_enc_pre",
        "passlogfile:a",
        "-y",
        "crf:a",
    ],
)
def test_what_is_no_option_of_the_encoder_is_refused(name):
    with pytest.raises(ConfigError, match="is no option of the encoder libx264"):
        own_options(config({name: "x"}), "libx264")


def test_general_and_private_options_are_taken_without_their_stream():
    asked = {"tune:v": "film", "flags": "+cgop", "q:v": "2", "x264-params:v:0": "keyint=5"}
    assert own_options(config(asked), "libx264") == {
        "tune": "film",
        "flags": "+cgop",
        "q": "2",
        "x264-params": "keyint=5",
    }
    assert own_options(config({}, "no-such-program"), "libx264") == {}


def test_an_option_given_twice_is_refused():
    with pytest.raises(ConfigError, match="tune twice"):
        own_options(config({"tune": "film", "tune:v": "grain"}), "libx264")


def test_a_binary_that_cannot_be_asked_is_told():
    with pytest.raises(ConfigError, match="cannot be run"):
        own_options(config({"tune": "film"}, "/nowhere/ffmpeg"), "libx264")
