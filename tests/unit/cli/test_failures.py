"""How the library's words reach a user of the command line."""

from __future__ import annotations

import pytest

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
