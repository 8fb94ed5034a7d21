"""What was wrong with a file is counted, placed in time, and made up for."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from tests.fuzzing.fuzz_seeds import SEEDS
from tests.made_files import clips, odd_files, synthetic
from vidrestore.video import VideoSource
from vidrestore.video.decode.expected import Expected
from vidrestore.video.facts.damage import Damage


def test_neighbouring_damage_is_told_as_one_place() -> None:
    damage = Damage()
    for time in (Fraction(1), Fraction(3, 2), Fraction(7)):
        damage.note("repeated", time)
    assert damage.warnings == [
        "3 lost frames are replaced by the one before them (at 1.000 to 1.500 s, 7.000 s)"
    ]
    assert damage.count("repeated") == 3
    assert damage.count("flagged") == 0


def test_only_some_places_are_told() -> None:
    damage = Damage()
    for second in range(0, 2000, 2):
        damage.note("concealed", Fraction(second))
    (line,) = damage.warnings
    assert line.startswith("1000 damaged frames")
    assert line.endswith("8.000 s and elsewhere)")


def test_one_is_no_plural() -> None:
    damage = Damage()
    damage.note("undecodable", None)
    assert damage.warnings == ["1 damaged packet could not be decoded"]


def test_an_early_end_is_told_if_it_matters() -> None:
    damage = Damage()
    damage.ended(Fraction(10), Fraction(21, 2))
    assert not damage.warnings
    damage.ended(Fraction(10), None)
    assert not damage.warnings
    damage.ended(Fraction(10), Fraction(60))
    assert "end at 10.000 s" in damage.warnings[0]
    assert "60.000 s" in damage.warnings[0]


def _given(expected: Expected, *packets: int) -> Expected:
    for pts in packets:
        expected.packet(pts)
    return expected


def test_a_packet_without_a_picture_is_found_in_the_order_of_presentation() -> None:
    expected = _given(Expected(), 0, 3, 1, 2, 6, 4)
    assert expected.lost(0, damaged=False) == []
    assert expected.lost(2, damaged=True) == [1]
    assert expected.lost(4, damaged=True) == [3]
    assert expected.rest() == [6]
    assert expected.rest() == []


def test_hidden_pictures_are_not_taken_for_lost() -> None:
    """Packets that never show a picture tell nothing about pictures."""
    expected = _given(Expected(), 0, 1, 2, 3)
    assert expected.lost(0, damaged=False) == []
    assert expected.lost(2, damaged=False) == []
    _given(expected, 4, 5)
    assert expected.lost(5, damaged=True) == []
    assert expected.rest() == []


def test_pictures_without_a_time_end_the_count() -> None:
    expected = _given(Expected(), 0, 1, 2)
    assert expected.lost(None, damaged=True) == []
    assert expected.lost(2, damaged=True) == []


def test_lying_times_take_no_memory() -> None:
    expected = Expected()
    for pts in range(10_000):
        expected.packet(-pts)
    assert expected.lost(5, damaged=True) == []


@pytest.mark.parametrize("name", ["mp4", "mkv", "hevc mkv", "ts", "mpg", "mjpeg avi", "ffv1 mkv"])
def test_every_frame_keeps_its_place_when_some_are_lost(
    clip: synthetic.ClipMaker, tmp_path: Path, name: str
) -> None:
    """Whatever part of the file is noise: no frame moves. MP4's table knows each one."""
    whole = clip(SEEDS[name])
    truth = {frame.pts for frame in VideoSource(whole)}
    for begin in (0.3, 0.45, 0.6):
        path = tmp_path / whole.name
        path.write_bytes(whole.read_bytes())
        source = VideoSource(odd_files.damaged(path, begin=begin, end=begin + 0.05))
        times = [frame.pts for frame in source]
        assert all(a < b for a, b in pairwise(times))
        assert set(times) <= truth
        if name == "mp4":
            assert set(times) == truth
            assert source.warnings


def test_a_lost_frame_is_its_neighbour_at_its_own_time(
    clip: synthetic.ClipMaker, tmp_path: Path
) -> None:
    """Every picture stands alone: the fourth one's data are destroyed, and nothing else."""
    whole = clip(clips.TIMINGS["intra avi"])
    data = bytearray(whole.read_bytes())
    at = -1
    for _ in range(4):
        at = data.index(b"\xff\xd8\xff", at + 1)
    data[at : at + 700] = bytes(700)
    path = tmp_path / "hole.avi"
    path.write_bytes(data)
    source = VideoSource(path)
    frames = list(source)
    assert [frame.pts for frame in frames] == list(range(12))
    assert (frames[3].planes[0] == frames[2].planes[0]).all()
    assert (frames[4].planes[0] != frames[3].planes[0]).any()
    assert any("1 lost frame" in line and "0.120 s" in line for line in source.warnings)
