"""Options of files: those of the run, and those that lie beside them."""

from __future__ import annotations

import pytest

from vidrestore import Config
from vidrestore.errors import ConfigError
from vidrestore.job.batch.files.settings import Settings, changes, key
from vidrestore.job.segments.plan import INDIFFERENT


def test_what_is_nearer_to_the_file_outweighs_and_flags_outweigh_all(tmp_path):
    inner = tmp_path / "tapes"
    inner.mkdir()
    (tmp_path / "vidrestore.toml").write_text("[paste]\nstrength = 0.5\n[detect]\nevery = 3\n")
    (inner / "vidrestore.toml").write_text("[paste]\nstrength = 0.25\n")
    (inner / "a.avi.vidrestore.toml").write_text('preset = "old-film"\n[temporal]\nreach = 2\n')
    given = Settings("default", {"detect.every": "5"}, tmp_path)
    assert given.of(tmp_path / "x.avi").paste.strength == 0.5
    assert given.of(inner / "x.avi").paste.strength == 0.25
    own = given.of(inner / "a.avi")
    assert (own.temporal.reach, own.detect.every) == (2, 5)
    assert own.film == Config.preset("old-film").film
    assert given.plain == Config().with_options({"detect.every": 5})


def test_no_file_above_the_folder_that_is_searched_counts(tmp_path):
    (tmp_path / "vidrestore.toml").write_text("[paste]\nstrength = 0.5\n")
    (tmp_path / "in").mkdir()
    given = Settings("default", {}, tmp_path / "in")
    assert given.of(tmp_path / "in" / "a.avi") == Config()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[output]\nstrict = false\n", "output in"),
        ('[encoder]\nffmpeg = "/tmp/x"\n', "may not name programs"),
        ('[restore]\nmodel = "/etc/x.pth"\n', "below its own folder"),
        ('on_done = "rm"\n', "must be a section"),
        ("[paste]\nstrengh = 1\n", "paste.strength"),
        ("[[[", "not valid TOML"),
        ('preset = "../x.toml"\n', "preset in"),
        ("preset = 3\n", "preset in"),
    ],
)
def test_a_strangers_file_may_configure_and_not_act(tmp_path, text, words):
    (tmp_path / "vidrestore.toml").write_text(text)
    with pytest.raises(ConfigError, match=words) as told:
        Settings("default", {}, tmp_path).of(tmp_path / "a.avi")
    assert "vidrestore.toml" in str(told.value)


def test_how_the_work_goes_makes_no_other_result():
    plain = Config()
    same = plain.with_options({"restore.device": "cpu", "job.segment": 5, "encoder.threads": 2})
    assert key(plain, ".mkv") == key(same, ".mkv")
    assert changes(plain.model_dump(), same.model_dump()) == []
    other = plain.with_options({"encoder.crf": 20})
    assert key(plain, ".mkv") not in (key(other, ".mkv"), key(plain, ".mp4"))
    assert changes(plain.model_dump(), other.model_dump()) == [
        "encoder.crf was its default, is 20.0"
    ]


def test_what_makes_no_other_part_makes_no_other_result():
    """Two lists, since the leader of a batch loads nothing that decodes."""
    for section, names in INDIFFERENT.items():
        for name in names:
            given = Config().model_dump(mode="json")
            given[section][name] = "another"
            assert changes(Config().model_dump(mode="json"), given) == []


def test_an_option_that_a_later_version_brings_changes_nothing():
    now = Config().with_options({"encoder.crf": 20}).model_dump(mode="json")
    before = {name: dict(options) for name, options in now.items()}
    del before["encoder"]["speed"], before["film"]
    before["encoder"]["gone"] = "a former option"
    assert changes(before, now) == []


def test_another_file_of_the_models_name_makes_another_result(tmp_path):
    weights = tmp_path / "model.pth"
    weights.write_bytes(b"1")
    config = Config().with_options({"restore.model": str(weights)})
    before = key(config, ".mkv")
    weights.write_bytes(b"22")
    assert key(config, ".mkv") != before
