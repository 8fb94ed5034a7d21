from __future__ import annotations

import pytest

from benchmarks.against_filters.__main__ import main
from benchmarks.against_filters.arguments import methods_of, parser
from benchmarks.against_filters.document import command_of
from benchmarks.against_filters.methods import ours
from vidrestore import Config


def test_variants_are_further_methods_and_differ_from_ours():
    arguments = parser().parse_args(["--variant", "two:detect.every=2"])
    methods = methods_of(arguments)
    assert [m.name for m in methods] == ["input", "filter", "tuned filter", "ours", "two"]
    assert methods[-1].made_by != methods[-2].made_by


def test_a_variant_may_begin_with_a_preset():
    film = "film:preset=old-film,paste.grain=0"
    arguments = parser().parse_args(["--set", "detect.every=1", "--variant", film])
    *_, mine, varied = methods_of(arguments)
    wanted = Config.preset("old-film").with_options({"paste.grain": "0", "encoder.options": {}})
    assert varied.made_by == ours("film", wanted).made_by
    assert mine.made_by == ours("ours", Config().with_options({"detect.every": "1"})).made_by


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "nothing to judge on"),
        (["--variant", "ours:detect.every=2"], "NEW-NAME"),
        (["--set", "detect.every"], "SECTION.OPTION=VALUE"),
        (["--set", "detect.never=2"], "never"),
    ],
)
def test_what_cannot_be_run_is_told_in_a_line(given, told, tmp_path, capsys):
    clips = ["--clips", str(tmp_path)] if given else []
    (tmp_path / "one.mp4").touch()
    assert main([*clips, *given, "--out", str(tmp_path / "out")]) == 2
    line = capsys.readouterr().err
    assert line.startswith("error: ")
    assert told in line
    assert line.count("\n") == 1


def test_a_page_tells_no_private_folder():
    shown = command_of(["--clips", "/home/me/clips", "--quick"], [("/home/me/clips", "CLIPS")])
    assert shown == "python -m benchmarks.against_filters --clips CLIPS --quick"
