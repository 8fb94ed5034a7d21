"""How the library's words reach a user of the command line."""

from __future__ import annotations

import pytest

from vidrestore.cli import main
from vidrestore.cli.failures import in_flags


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no sound; output.compatible true writes what does", "--output.compatible true writes"),
        ("paste.strength is '2', but must be a number", "--paste.strength is '2'"),
        ("lower restore.batch, or use restore.device cpu.", "use --restore.device cpu."),
        ("run without output.strict, or set input.resize.", "--strict, or set --input.resize."),
    ],
)
def test_options_are_told_as_the_flags_that_they_are(text, said):
    assert said in in_flags(text)


@pytest.mark.parametrize(
    "text",
    [
        "output.mp4 exists; --encoder.crf stays",
        "cannot read /tapes/output.scale or output.scale.mkv",
        "there is no option paste.strengh in my.toml (did you mean paste.strength?)",
        "paste.strength in my.preset is 3, but paste.feather is fine",
    ],
)
def test_names_of_files_and_what_stands_in_them_stay(text):
    assert in_flags(text) == text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["batch", "in", "out", "--dry-run"], "--dry-run; `vidrestore batch --help` shows those"),
        (["batch", "in", "out", "--to", "1"], "there is no option --to; `vidrestore batch --help`"),
        (["restore", "a", "b", "-x"], "there is no option -x; `vidrestore restore --help` shows"),
        (["restore", "a", "b", "--form", "1"], "there is no option --form (did you mean --from?)"),
        (["restore", "a", "b", "--preste", "x"], "(did you mean --preset?)"),
        (["preview", "a", "--model", "x"], "--model (did you mean --restore.model?)"),
        (["batch", "in", "out", "--device", "x"], "--device (did you mean --restore.device?)"),
        (["restore", "a", "b", "--threads", "1"], "--restore.threads or --encoder.threads?)"),
        (["nope"], "there is no command 'nope'; choose restore, "),
        (["restor"], "there is no command 'restor' (did you mean restore?)"),
    ],
)
def test_a_hint_is_what_may_have_been_meant_and_no_guess(words, said, capsys):
    assert main(words) == 2
    assert said in capsys.readouterr().err


def test_a_batch_has_the_short_flags_of_restore(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    assert main(["batch", str(tmp_path / "in"), str(tmp_path / "out"), "-yqp", "cctvv"]) == 2
    assert "no preset 'cctvv'" in capsys.readouterr().err
