from __future__ import annotations

import tomllib

import pytest

from vidrestore.cli import main
from vidrestore.config import Config
from vidrestore.config.presets import preset_names


def test_every_preset_is_listed_in_a_line(capsys):
    assert main(["presets", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(preset_names())
    assert max(map(len, lines)) <= 80


def test_a_preset_is_shown_as_its_file(capsys):
    assert main(["presets", "show", "cctv"]) == 0
    assert tomllib.loads(capsys.readouterr().out)["detect"]["every"] == 1


def test_a_difference_is_a_sentence(capsys):
    assert main(["presets", "diff", "cctv"]) == 0
    out = capsys.readouterr().out
    assert "detect.every is 1 instead of 3.\n    Detect on every n-th frame" in out
    assert "of cctv differ from default" in out
    assert main(["presets", "diff", "cctv", "cctv"]) == 0
    assert capsys.readouterr().out == "0 options of cctv differ from cctv\n"


def test_a_preset_of_ones_own_holds_what_was_given(tmp_path, capsys):
    file = tmp_path / "mine.toml"
    words = ["presets", "save", str(file), "-p", "old-film", "--encoder.crf", "21"]
    assert main([*words, "--purpose", "films of\nmy aunt"]) == 0
    assert Config.preset(file) == Config.preset("old-film").with_options({"encoder.crf": 21})
    assert file.read_text().startswith("# mine: films of my aunt\n")
    assert main(words) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert main([*words, "-y"]) == 0
    assert main(["presets", "save", "-", "--encoder.options", "tune=film"]) == 0
    assert 'options = { tune = "film" }' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["save", "mine.txt"], "let it end in .toml"),
        (["save", "no/mine.toml"], "the folder no does not exist; create it first"),
        (["save", "mine.toml", "--encoder.ffmpeg", "/opt/ffmpeg"], "may not name programs"),
        (["save", "-", "--encoder.ffmpeg", "/opt/ffmpeg"], "may not name programs"),
        (["save", "mine.toml", "--restore.model", "caf\udce9.pth"], "which is no character"),
        (["save", "-", "--restore.model", "caf\udce9.pth"], "which is no character"),
        (["save", f"{'m' * 300}.toml"], "name too long"),
        (["save", "mine.toml", "--detect.evry", "2"], "did you mean --detect.every?"),
        (["show", "cctvv"], "did you mean cctv?"),
        (["lst"], "did you mean list?"),
    ],
)
def test_what_is_no_preset_is_told(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["presets", *words]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["caf\udce9", "a\x1bb", "a\nb", "a\x7fb", "a\u2028b"])
def test_odd_names_and_purposes_make_no_odd_preset(name, tmp_path, capsys):
    file = tmp_path / f"{name}.toml"
    options = ["--restore.model", "a\x7fb.pth", "--purpose", f"of {name}"]
    assert main(["presets", "save", str(file), *options]) == 0
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert first.isprintable()
    assert Config.preset(file).restore.model == str(tmp_path / "a\x7fb.pth")
    capsys.readouterr()
    assert main(["presets", "save", "-", "--purpose", f"of {name}"]) == 0
    assert tomllib.loads(capsys.readouterr().out) == {}


def test_shells_complete_commands_and_options(capsys):
    assert main(["completion", "fish"]) == 0
    out = capsys.readouterr().out
    assert "skip-existing" in out
    assert "encoder.crf" in out
