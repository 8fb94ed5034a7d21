from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from vidrestore.config import Config, DetectConfig, presets
from vidrestore.config.messages import allowed, sections
from vidrestore.config.presets import preset_names
from vidrestore.datatypes import FrameFormat
from vidrestore.errors import ConfigError
from vidrestore.video.encode import codecs, encoding

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("default", "archive", "cctv", "home-video", "old-film")


def refusal(call, *args, **kwargs) -> str:
    with pytest.raises(ConfigError) as caught:
        call(*args, **kwargs)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_all_presets_are_found_and_valid():
    assert preset_names() == NAMES
    for name in NAMES:
        assert isinstance(Config.preset(name), Config)


def test_the_default_preset_is_the_defaults():
    assert Config.preset("default") == Config()


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_preset_names_only_what_it_changes(name):
    mapping = tomllib.loads((ROOT / "configs" / f"{name}.toml").read_text())
    standard = Config().model_dump()
    for section, options in mapping.items():
        for option, value in options.items():
            assert value != standard[section][option], f"{section}.{option} is the default"
            assert getattr(getattr(Config.preset(name), section), option) == value


@pytest.mark.parametrize("name", NAMES)
def test_every_option_of_a_preset_is_explained(name):
    lines = (ROOT / "configs" / f"{name}.toml").read_text().splitlines()
    assert lines[0].startswith(f"# {name}: ")
    explained = False
    for line in lines:
        if line.startswith("#"):
            explained = True
        elif "=" in line:
            # A comment may stand over two options that belong together.
            assert explained, f"{line} has no comment"
        else:
            explained = False


def test_presets_do_what_their_names_say():
    default, cctv = Config(), Config.preset("cctv")
    assert cctv.detect.every == 1
    assert cctv.detect.max_side > default.detect.max_side
    assert cctv.track.birth_score < default.track.birth_score
    assert cctv.align.min_face < default.align.min_face
    assert Config.preset("archive").encoder.codec == "ffv1"
    film = Config.preset("old-film")
    assert film.track.smoothing > default.track.smoothing
    assert film.temporal.reach > default.temporal.reach
    assert film.track.cut_threshold > default.track.cut_threshold


@pytest.mark.parametrize("name", NAMES)
def test_the_encoder_takes_a_presets_options(name):
    fmt = FrameFormat(64, 64, "yuv420p")
    config = codecs.resolved(Config.preset(name).encoder, "matroska", fmt)
    plan = encoding.plan(config, fmt, encoding.Colour())
    assert plan.options.items() >= config.options.items()
    assert plan.warnings == ()


def test_presets_lie_beside_the_package_in_a_checkout_and_inside_it_in_a_wheel(
    tmp_path, monkeypatch
):
    package = tmp_path / "site-packages" / "vidrestore"
    beside = tmp_path / "site-packages" / "configs"
    inside = package / "configs"
    for folder in (package, beside):
        folder.mkdir(parents=True)
    monkeypatch.setattr(presets, "__file__", str(package / "config" / "presets.py"))
    (beside / "mine.toml").write_text("[detect]\nevery = 2\n")
    assert preset_names() == ("mine",)
    assert Config.preset("mine").detect.every == 2
    # Another program's "configs" may stand beside an installed package: the wheel's own wins.
    inside.mkdir()
    (inside / "mine.toml").write_text("[detect]\nevery = 5\n")
    (beside / "foreign.toml").write_text("x = 1\n")
    assert preset_names() == ("mine",)
    assert Config.preset("mine").detect.every == 5


def test_a_preset_can_be_a_file(tmp_path):
    file = tmp_path / "mine"
    file.write_text("[detect]\nevery = 2\n")
    assert Config.preset(file).detect.every == 2
    assert Config.preset(str(file)).detect.every == 2
    # As editors of Windows save it.
    file.write_bytes(b"\xef\xbb\xbf[detect]\r\nevery = 3\r\n")
    assert Config.preset(file).detect.every == 3


def test_an_unknown_preset_names_the_nearest():
    text = refusal(Config.preset, "old-flim")
    assert "'old-flim'" in text
    assert "did you mean old-film?" in text
    for name in NAMES:
        assert name in text


@pytest.mark.parametrize("name", ["../configs/cctv", "", ".", "/"])
def test_what_is_no_name_is_no_preset(name):
    assert "there is no preset" in refusal(Config.preset, name)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[detect\n", "not valid TOML"),
        (b"\xff\xfe", "not valid TOML"),
        (b"[detct]\nevery = 2", "did you mean detect?"),
        (b"[detect]\nevry = 2", "did you mean detect.every?"),
        (b"[detect]\nevery = 99", "detect.every in {file} is 99, but must be a whole number"),
        (b"[detect]\nevery = '3'", "is '3', but must be a whole number from 1 to 30"),
        (b"[paste]\ncolour = 1", "is 1, but must be true or false"),
        (b"detect = 3", "must be a section"),
        (b"every = 3", "there is no section 'every'"),
    ],
)
def test_a_bad_file_is_told_in_one_line(tmp_path, content, words):
    file = tmp_path / "mine.toml"
    file.write_bytes(content)
    text = refusal(Config.preset, file)
    assert words.format(file=file) in text
    assert str(file) in text


def test_a_missing_file_is_told(tmp_path):
    assert "No such file" in refusal(Config.preset, str(tmp_path / "none.toml"))
    assert "directory" in refusal(Config.preset, tmp_path).lower()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("detect.every", "0", "detect.every is '0', but must be a whole number from 1 to 30"),
        ("detect.every", "2.5", "a whole number from 1 to 30"),
        ("detect.every", "often", "'often', but must be a whole number"),
        ("temporal.blend", "2", "a number from 0 to 1"),
        ("paste.feather", "0", "a number above 0 to 0.5"),
        ("track.smoothing", "nan", "a number from 0 to 10"),
        ("restore.device", "gpu", "auto, cpu, cuda or cuda:N"),
        ("detect.detector", "centreface", "did you mean centerface?"),
        ("paste.colour", "perhaps", "true or false"),
        ("paste.grain", "1.5", "paste.grain is '1.5', but must be auto or a number from 0 to 1"),
        ("paste.grain", "much", "'much', but must be auto or a number from 0 to 1"),
        ("encoder.codec", "libx266", "did you mean libx265?"),
        ("detect.evry", "3", "did you mean detect.every?"),
        ("detct.every", "3", "did you mean detect?"),
        ("detect", "3", "name its option"),
    ],
)
def test_a_bad_option_names_option_range_and_value(name, value, words):
    assert words in refusal(Config().with_options, {name: value})


def test_options_that_contradict_each_other():
    text = refusal(Config().with_options, {"track.birth_score": "0.1"})
    assert "track.continue_score (0.3) is above track.birth_score (0.1)" in text
    both = Config().with_options({"track.birth_score": "0.1", "track.continue_score": "0.1"})
    assert both.track.birth_score == 0.1
    text = refusal(Config().with_options, {"temporal.rest": "3"})
    assert "temporal.rest (3) is below temporal.reach (4)" in text


def test_another_backend_takes_any_codec():
    config = Config().with_options({"encoder.backend": "ffmpeg", "encoder.codec": "h264_nvenc"})
    assert config.encoder.codec == "h264_nvenc"


def test_with_options_leaves_the_rest_alone():
    base = Config.preset("cctv")
    changed = base.with_options({"detect.every": "4", "paste.colour": "false"})
    assert changed.detect.every == 4
    assert changed.paste.colour is False
    assert changed.track == base.track
    assert base.detect.every == 1


def test_sections_are_frozen_and_strict():
    config = Config()
    with pytest.raises(ValidationError):
        config.detect.every = 4
    with pytest.raises(ValidationError):
        DetectConfig(evry=4)


@given(st.data())
def test_every_value_in_range_survives_text_and_mapping(data):
    section = data.draw(st.sampled_from(sorted(sections(Config))))
    model = sections(Config)[section]
    option = data.draw(st.sampled_from(sorted(model.model_fields)))
    field = model.model_fields[option]
    if field.annotation is not int:
        return
    low = next(rule.ge for rule in field.metadata if hasattr(rule, "ge"))
    high = next(rule.le for rule in field.metadata if hasattr(rule, "le"))
    value = data.draw(st.integers(low - 3, high + 3))
    name = f"{section}.{option}"
    if name == "temporal.rest" and low <= value < Config().temporal.reach:
        # Another option bounds it, too: test_options_that_contradict_each_other.
        return
    if low <= value <= high:
        config = Config().with_options({name: str(value)})
        assert getattr(getattr(config, section), option) == value
        assert Config.from_mapping({section: {option: value}}) == config
    else:
        for text in (
            refusal(Config().with_options, {name: str(value)}),
            refusal(Config.from_mapping, {section: {option: value}}),
        ):
            assert name in text
            assert str(value) in text
            assert allowed(field) in text


def test_every_option_is_described():
    for section, model in sections(Config).items():
        assert model.__doc__, section
        for option, field in model.model_fields.items():
            assert field.description, f"{section}.{option}"
            assert field.description.endswith("."), f"{section}.{option}"


def test_options_belong_to_the_codec_that_they_were_written_for():
    archive, film = Config.preset("archive"), Config.preset("old-film")
    assert archive.with_options({"encoder.codec": "prores"}).encoder.options == {}
    assert archive.with_options({"encoder.codec": "ffv1"}).encoder == archive.encoder
    assert film.with_options({"encoder.codec": "ffv1"}).encoder.options == {}
    own = {"encoder.codec": "ffv1", "encoder.options": {"level": "3"}}
    assert film.with_options(own).encoder.options == {"level": "3"}


def test_what_a_preset_asks_of_x264_is_not_asked_of_webms_codecs():
    film = Config.preset("old-film")
    assert film.for_result("out.webm").encoder.options == {}
    assert film.for_result("out.mkv") is film
    typed = film.with_options({"encoder.options": {"tune": "film"}}, origin="flag")
    assert typed.for_result("out.webm") is typed


def test_quality_is_given_once():
    with pytest.raises(ConfigError, match="contradict each other"):
        Config().with_options({"encoder.crf": 40, "encoder.options": {"crf": "10"}})


# Of options that take a number alone, one beside none, and one beside words.
NUMBERS = ["detect.every", "paste.strength", "input.stream", "input.max_gigapixels"]
NUMBERS += ["output.quality", "paste.grain"]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [True, False])
def test_true_and_false_are_no_numbers(name, value):
    with pytest.raises(ConfigError, match=f"{name} is {value}, but must be a"):
        Config().with_options({name: value})


@pytest.mark.parametrize("name", [3, None, ("detect",), b"detect"])
def test_names_that_are_no_text_are_refused(name):
    for mapping in ({"detect": {name: 1}}, {name: {"every": 1}}):
        assert "is no name of an option" in refusal(Config.from_mapping, mapping)
    assert "is no name of an option" in refusal(Config().with_options, {name: 1})
    assert "is no name of an option" in refusal(Config.of, {name: 1})
