from __future__ import annotations

import csv

import pytest

from vidrestore.cli import main
from vidrestore.cli.restoring.names import Pair
from vidrestore.cli.restoring.ranges import Range, apart, ranges
from vidrestore.errors import VidrestoreError


def test_without_times_it_is_the_whole():
    assert ranges((), (), None) == [Range()]
    assert apart([Pair("a", "b.mkv")], [Range()]) == [Pair("a", "b.mkv")]


def test_several_pieces_make_a_result_each():
    found = ranges(["0", "10", "1:00"], ["5", "12"], None)
    assert found == [Range(0, 5), Range(10, 12), Range(60)]
    named = apart([Pair("a.mp4", "out/b.mkv")], found)
    assert [pair.output for pair in named] == ["out/b.1.mkv", "out/b.2.mkv", "out/b.3.mkv"]
    assert named[1][2:4] == (10, 12)


@pytest.mark.parametrize(
    "text",
    [
        "1.5,3\n4,0:06\n",
        "# of my own\nstart,end\n1.5,3\n\n4,6\n",
        "Timecode List:,00:00:01.5\nScene Number,Start Frame,Start Timecode,Start Time (seconds),"
        "End Frame,End Timecode,End Time (seconds)\n1,3,x,1.5,5,y,3\n2,7,x,4,9,y,6\n",
    ],
)
def test_a_list_of_scenes_is_read(text, tmp_path):
    (tmp_path / "s.csv").write_text(text)
    assert ranges((), (), str(tmp_path / "s.csv")) == [Range(1.5, 3), Range(4, 6)]


@pytest.mark.parametrize(
    ("begins", "ends", "text", "said"),
    [
        (["1", "2"], [], None, "2 --from and 0 --to make no pieces"),
        (["1", "2"], ["0", "3"], None, "--to 0 leaves nothing"),
        (["1"], [], "1,2", "leave out --from"),
        ([], [], "", "lists no pieces"),
        ([], [], "1,2\n3,1\n", "line 2: 1 is not later than 3"),
        ([], [], "1\n", "line 1: there is no begin and end"),
        ([], [], "soon,later\n", "line 1 'soon' is not a time"),
        ([], [], "\0" * 6_000_000, "longer than"),
    ],
)
def test_what_is_no_piece_is_told(begins, ends, text, said, tmp_path):
    if text is not None:
        (tmp_path / "s.csv").write_text(text)
    with pytest.raises(VidrestoreError) as caught:
        ranges(begins, ends, None if text is None else str(tmp_path / "s.csv"))
    assert said in str(caught.value)


def test_the_scenes_that_inspect_writes_are_those_that_restore_takes(api, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["inspect", "in.mkv", "--scenes", "s.csv", "-q"]) == 0
    rows = list(csv.DictReader((tmp_path / "s.csv").read_text().splitlines()))
    assert [row["Start Frame"] for row in rows] == ["0", "1"]
    api.calls.clear()
    # The fake's clock begins at half a second, and its cut lies before that.
    (tmp_path / "s.csv").write_text("0,1\n1,2\n")
    assert main(["restore", "in.mkv", "out.mkv", "--scenes", "s.csv", "-q"]) == 0
    assert [(call.output, call.start) for call in api.calls] == [("out.1.mkv", 0), ("out.2.mkv", 1)]
    assert main(["inspect", "in.mkv", "--scenes", "s.csv", "-q"]) == 2
