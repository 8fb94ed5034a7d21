"""Plain videos and pictures of RGB, read back by the witness."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest

from tests import witness
from vidrestore.errors import OutputError
from vidrestore.video import PlainPicture, PlainVideo, probe
from vidrestore.video.facts.tags import Colour

RGB = np.empty((47, 63, 3), np.uint8)
RGB[:] = (200, 90, 40)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm"])
def test_colours_times_and_tags_come_through(tmp_path, name):
    video = PlainVideo(tmp_path / name, tmp_path / "in.mkv", colour=Colour(9, 16))
    times = [Fraction(0), Fraction(1, 25), Fraction(1, 2)]
    for time in times:
        video.push(RGB, time)
    video.finish()
    video.close()
    seen = witness.frames(tmp_path / name, pix_fmt="rgb24")
    assert [frame.pts for frame in seen] == times
    assert {frame.size for frame in seen} == {64 * 48 * 3}
    colour = probe(tmp_path / name).picture.colour
    assert (colour.primaries, colour.transfer, colour.matrix, colour.range) == (9, 16, 1, 1)
    first = tmp_path / "first.png"
    witness.run("-i", tmp_path / name, "-frames:v", "1", first)
    assert abs(cv2.imread(str(first))[..., ::-1].astype(int) - RGB[0, 0]).max() <= 4


def test_what_is_not_finished_leaves_nothing(tmp_path):
    video = PlainVideo(tmp_path / "a.mp4", tmp_path / "in.mkv")
    video.push(RGB, Fraction(0))
    video.close()
    picture = PlainPicture(tmp_path / "a.png", tmp_path / "in.mkv")
    picture.close()
    empty = PlainVideo(tmp_path / "b.mp4", tmp_path / "in.mkv")
    with pytest.raises(OutputError, match="no picture was written"):
        empty.finish()
    empty.close()
    assert not list(tmp_path.iterdir())


def test_a_picture_is_exact(tmp_path):
    picture = PlainPicture(tmp_path / "a.png", tmp_path / "in.mkv")
    picture.write(RGB)
    picture.close()
    assert np.array_equal(cv2.imread(str(tmp_path / "a.png"))[..., ::-1], RGB)
