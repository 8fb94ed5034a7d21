from __future__ import annotations

import pytest

from vidrestore.cli.flags import configure
from vidrestore.config import Config
from vidrestore.config.messages import sections
from vidrestore.config.moved import MOVED
from vidrestore.errors import ConfigError

NAMES = {
    f"{section}.{o}" for section, model in sections(Config).items() for o in model.model_fields
}


def value(name):
    """Another value than the default one."""
    section, option = name.split(".")
    standard = getattr(getattr(Config(), section), option)
    return "off" if standard == "auto" else standard / 2


@pytest.mark.parametrize(("old", "new"), MOVED.items())
def test_an_old_name_sets_what_the_new_one_does_and_says_so(old, new):
    assert new in NAMES
    assert old not in NAMES
    wanted = Config().with_options({new: value(new)})
    assert wanted.warnings == ()
    section, option = old.split(".")
    for given in (
        Config().with_options({old: value(new)}),
        Config.from_mapping({section: {option: value(new)}}),
        configure("default", {old: str(value(new))}),
    ):
        assert given == wanted
        (line,) = given.warnings
        assert line.startswith(f"{old} is called {new} now")
    assert given.origin(new) == "flag"


def test_what_a_preset_file_calls_by_an_old_name_is_told_with_the_file(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("[track]\nmin_face = 40.0\nconfirm = 3\n")
    config = Config.preset(file).with_options({"track.confirm": 4})
    assert config.align.min_face == 40
    (line,) = config.warnings
    assert f"track.min_face in {file} is called align.min_face now" in line


def test_both_names_at_once_are_refused():
    names = "restore.strength", "paste.strength"
    for order in (names, names[::-1]):
        with pytest.raises(ConfigError, match="are one option"):
            Config().with_options(dict.fromkeys(order, 0.5))
    with pytest.raises(ConfigError, match="are one option"):
        Config.from_mapping({"restore": {"strength": 0.5}, "paste": {"strength": 0.5}})


def test_a_bad_value_under_an_old_name_is_refused_by_the_new_one():
    with pytest.raises(ConfigError, match=r"paste\.strength is 2"):
        Config().with_options({"restore.strength": 2})


def test_an_option_of_another_section_is_hinted_at():
    with pytest.raises(ConfigError, match=r"did you mean paste\.strength\?"):
        Config().with_options({"restore.strenght": 1})


def test_an_old_name_beside_what_is_no_section_is_refused_in_a_line(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text("align = 3\n[track]\nmin_face = 30\n")
    with pytest.raises(ConfigError) as caught:
        Config.load(file)
    assert len(str(caught.value).splitlines()) == 1
