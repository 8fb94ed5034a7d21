"""Single keyframes of a file, against what decoding all of it gives."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests.made_files.synthetic import Clip, make
from vidrestore.video import VideoSource, glimpses, probe

OPTIONS = {"preset": "veryfast", "bf": "3", "g": "8", "x264-params": "b-adapt=0:scenecut=0"}


@pytest.mark.parametrize("name", ["clip.mkv", "clip.mp4", "clip.ts"])
def test_keyframes_are_those_of_the_whole(tmp_path, name):
    path = make(tmp_path, Clip(name, count=24, options=OPTIONS))
    info = probe(path)
    wanted = [info.start + Fraction(n, 25) for n in (0, 1, 9, 10, 23)]
    seen = list(glimpses(info, wanted))
    whole = {frame.pts * frame.time_base: frame for frame in VideoSource(path)}
    assert len(seen) >= 2
    assert [frame.index for frame in seen] == list(range(len(seen)))
    for frame in seen:
        other = whole[frame.pts * frame.time_base]
        for mine, theirs in zip(frame.planes, other.planes, strict=True):
            assert np.array_equal(mine, theirs)


def test_a_file_that_cannot_be_sought_gives_what_it_can(tmp_path):
    path = make(tmp_path, Clip("clip.h264", count=5))
    assert len(list(glimpses(probe(path), [Fraction(0), Fraction(500)]))) <= 1
