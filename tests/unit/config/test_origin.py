"""A preset file may configure, and not act."""

from __future__ import annotations

import os
import typing
from pathlib import Path

import pytest

from vidrestore.config import Config
from vidrestore.config.encoder_options import ALLOWED
from vidrestore.config.messages import sections
from vidrestore.config.origin import OUTSIDE, Reaches
from vidrestore.errors import ConfigError


def preset(folder: Path, text: str) -> Config:
    file = folder / "look.toml"
    file.write_text(text, encoding="utf-8")
    return Config.preset(file)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        preset(folder, text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_text_option_is_a_word_of_a_known_form_or_marked_for_what_it_reaches():
    """What a preset may say is decided for each option, also for those to come."""
    for section, model in sections(Config).items():
        for option, field in model.model_fields.items():
            kinds = typing.get_args(field.annotation) or (field.annotation,)
            marked = any(isinstance(mark, Reaches) for mark in field.metadata)
            formed = any(getattr(rule, "pattern", None) for rule in field.metadata)
            assert str not in kinds or marked or formed, f"{section}.{option}"


@pytest.mark.parametrize("value", ["./tool.sh", "/bin/sh", "ffmpeg.exe", "\x1b[2J"])
def test_a_preset_names_no_program(tmp_path, value):
    said = refusal(tmp_path, f'[encoder]\nffmpeg = "{value}"'.replace("\x1b", "\\u001b"))
    assert "encoder.ffmpeg in" in said
    assert "--encoder.ffmpeg" in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    "options",
    [
        '"x264-params" = "pass=1:stats=diary.txt"',
        '"x264-params" = "qpfile=a"',
        '"x264-params" = "bframes=3:dump-yuv=a"',
        '"x264-params" = "tune=/etc/passwd"',
        '"x265-params" = "csv=diary.txt:csv-log-level=1"',
        '"x265-params" = "analysis-save=a"',
        '"x265-params" = "no-csv=a"',
        '"svtav1-params" = "stats=a"',
        '"x264opts" = "bframes=3"',
        '"stats" = "diary.txt"',
        '"flags" = "+pass1"',
        '"passlogfile" = "a"',
        '"x265-stats" = "a"',
        '"vstats_file" = "a"',
        '"progress" = "http://127.0.0.1/a"',
        '"an" = "new.mkv"',
        '"filter:v" = "movie=a"',
        '"filter_complex" = "movie=a"',
        '"c:v" = "copy"',
        '"attach" = "a"',
        '"init_hw_device" = "a"',
        '"tune" = "film:/a"',
        '"preset" = "../a"',
        '"level" = "a\\u0000"',
    ],
)
def test_a_presets_encoder_options_only_tell_how_to_compress(tmp_path, options):
    said = refusal(tmp_path, f"[encoder]\noptions = {{{options}}}")
    assert "encoder.options in" in said
    assert "which a preset file may not ask of an encoder" in said
    assert "--encoder.options NAME=VALUE" in said


def test_a_preset_tells_how_to_compress(tmp_path):
    text = (
        '[encoder]\noptions = {tune = "film", "x264-params" = "no-mbtree=1:deblock=-1,-1",'
        '"x265-params" = "no-sao:psy-rd=2.0"}'
    )
    assert preset(tmp_path, text).encoder.options["tune"] == "film"
    assert not {"stats", "flags", "pass", "passlogfile", "threads"} & ALLOWED


def test_who_types_an_option_may_use_any(tmp_path):
    typed = {"encoder.ffmpeg": "./tool.sh", "encoder.options": {"stats": "a"}}
    for origin in ("flag", "program"):
        config = Config().with_options(typed, origin=origin)
        assert config.encoder.ffmpeg == "./tool.sh"
        assert config.origin("encoder.ffmpeg") == origin
    with pytest.raises(ConfigError, match="a request may not"):
        Config().with_options(typed, origin="request")


@pytest.mark.parametrize(
    "option", ["restore.model", "detect.weights", "paste.parsing"], ids=lambda name: name
)
def test_a_preset_names_weights_below_its_own_folder(tmp_path, option):
    section, name = option.split(".")
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    for file in (inside / "a.pth", outside / "a.pth"):
        file.write_bytes(b"x")
    (inside / "link.pth").symlink_to(outside / "a.pth")
    good = preset(inside, f'[{section}]\n{name} = "a.pth"')
    assert good.model_dump()[section][name] == str(inside / "a.pth")
    digest = "sha256:" + "0" * 64
    good = preset(inside, f'[{section}]\n{name} = "{digest}"')
    assert good.model_dump()[section][name] == digest
    for bad in ("../outside/a.pth", str(outside / "a.pth"), "link.pth", "/dev/zero"):
        assert "below its own folder" in refusal(inside, f'[{section}]\n{name} = "{bad}"')
    assert "no file's name" in refusal(inside, f'[{section}]\n{name} = "a\\u0000"')
    with pytest.raises(ConfigError, match="a request may not"):
        Config().with_options({option: "a.pth"}, origin="request")


def test_a_preset_names_models_of_the_catalogue(tmp_path):
    assert preset(tmp_path, '[restore]\nmodel = "gpen-bfr-512"').restore.model == "gpen-bfr-512"


def test_origins_are_known_and_make_no_difference(tmp_path):
    config = preset(tmp_path, "[detect]\nevery = 2\nmax_side = 320")
    config = config.with_options({"detect.every": "4"}, origin="flag")
    origins = [config.origin(name) for name in ("detect.every", "detect.max_side", "track.max_gap")]
    assert origins == ["flag", "preset", "default"]
    assert config == Config().with_options({"detect.every": 4, "detect.max_side": 320})
    assert {"preset", "request"} == OUTSIDE


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 900 + "]" * 900,
        "a = " + "[" * 5000,
        "a" + ".a" * 30_000 + " = 1",
        "\n".join("a" + ".a" * 900 + f".b{n} = 1" for n in range(70)),
        "[restore]\nbatch = 0x1" + "0" * 1800,
        "[encoder]\ncrf = 1" + "0" * 400,
        "# " + "x" * 200_000,
        "[a]\n" * 30_000,
        'encoder = "\\u001b\\n"',
        '"\\u202e" = 1',
    ],
)
def test_a_preset_made_to_be_endless_is_refused_in_a_line(tmp_path, text):
    said = refusal(tmp_path, text)
    assert len(said) < 800
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_a_preset_that_is_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "look.toml")
    with pytest.raises(ConfigError, match="no regular file"):
        Config.preset(tmp_path / "look.toml")


@pytest.mark.parametrize("name", ["b" * 300, "b" * 300 + ".toml", "a\0", "a\n.toml"])
def test_a_name_that_no_file_has_is_told(name):
    with pytest.raises(ConfigError) as caught:
        Config.preset(name)
    assert "\n" not in str(caught.value)


def test_a_preset_may_begin_with_a_mark_and_end_its_lines_as_windows_does(tmp_path):
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf[paste]\r\nstrength = 0.5\r\n")
    assert Config.preset(tmp_path / "a.toml").paste.strength == 0.5


def test_a_mistyped_option_of_an_encoder_is_told_with_what_is_most_like_it(tmp_path):
    said = refusal(tmp_path, '[encoder]\noptions = { prest = "slow" }')
    assert "has 'prest = slow'" in said
    assert "(did you mean preset?)" in said
    assert "did you mean" not in refusal(tmp_path, '[encoder]\noptions = { stats = "diary" }')


def test_an_option_of_an_encoder_is_text(tmp_path):
    said = refusal(tmp_path, '[encoder]\noptions = { preset = 3, tune = "film" }')
    assert said.startswith("encoder.options.preset in ")
    assert said.endswith('is 3, but must be text, such as "1"')
