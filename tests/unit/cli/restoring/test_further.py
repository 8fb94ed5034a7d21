"""``restore --also``: two results from one pass."""

from __future__ import annotations

import pytest

from vidrestore.cli import main
from vidrestore.cli.failures import in_flags
from vidrestore.config import Config


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_result_names_the_file_of_its_further_one(api, capsys):
    assert main(["restore", "a.avi", "a.mkv", "--also", "there/small.mp4"]) == 0
    assert api.calls[0].copies == {"there/small.mp4": Config.preset("home-video")}
    out, err = capsys.readouterr()
    assert "there/small.mp4: the same frames\n" in out
    assert "warning: there/small.mp4: careful\n" in err


def test_several_name_how_theirs_end_and_photos_have_none(api):
    words = ["a.avi", "b.jpg", "c.mp4", "new/", "--also", "small.mp4", "--also-preset", "default"]
    assert main(["restore", *words]) == 0
    default = Config.preset("default")
    expected = [{"new/a.small.mp4": default}, {}, {"new/c.small.mp4": default}]
    assert [call.copies for call in api.calls] == expected


def test_pieces_have_one_each(api):
    words = ["--from", "1", "--to", "2", "--from", "3", "--also", ".x.mov"]
    assert main(["restore", "a.avi", "o.mkv", *words]) == 0
    assert [list(call.copies) for call in api.calls] == [["o.1.x.mov"], ["o.2.x.mov"]]


def test_an_estimate_counts_it(api, capsys):
    assert main(["restore", "a", "b", "--dry-run", "--also", "c.mp4"]) == 0
    told = "about 2.0 MB for b, 1.0 MB free; about 1.0 kB for c.mp4, 2.0 GB free; that is NOT"
    assert told in capsys.readouterr().out


def test_what_is_skipped_says_so_of_both(api, capsys, here):
    (here / "b").touch()
    assert main(["restore", "a", "b", "--skip-existing", "--also", "c.mp4"]) == 0
    assert "b: there already, skipped; c.mp4 is made only with it" in capsys.readouterr().out
    assert not api.calls


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a", "b", "--also", "c.xyz"], "--also 'c.xyz' has no name of a video; let it end in"),
        (["a", "b", "--also", "-"], "has no name of a video"),
        (["a", "b", "--also", "f_%d.png"], "has no name of a video"),
        (["a", "c", "new/", "--also", "d/x.mp4"], "write it as access.mp4"),
        (["a.mp4", "b", "--also", "./a.mp4"], "./a.mp4 is an input itself"),
        (["a", "b.mp4", "--also", "b.mp4"], "b.mp4 is the result of a as well"),
        (["a.avi", "a.x.mp4", "new/", "--also", "x.mp4"], "new/a.x.mp4 is the result of a.x.mp4"),
        (["a", "f_%d.png", "--from", "1", "--from", "2", "--to", "2", "--also", "x.mp4"], "one by"),
        (["a", "b", "--also", "c.mp4", "--report", "c.mp4"], "is the result itself"),
        (["a", "b", "--also", "c.mp4", "--also-preset", "cctvv"], "no preset 'cctvv'"),
        (["a", "b", "--also-preset", "cctv"], "--also-preset is for --also"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(api, capsys, words, said):
    assert main(["restore", *words]) == 2
    assert said in capsys.readouterr().err
    assert not api.calls


def test_another_further_result_is_called_by_its_flag():
    """A job that was stopped goes on with what it was begun with alone."""
    said = in_flags("out.part holds 1 finished of 2 segments, but the copies are others")
    assert said.endswith("but --also or --also-preset is another")
