"""A piece holds what lies in it, and lines on screen as long as it lasts."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest

from tests.made_files.synthetic import Clip, make
from vidrestore.video.copy.window import Window


@pytest.fixture
def line(tmp_path):
    """The first subtitle of a clip."""
    path = make(tmp_path, Clip("a.mkv", subtitle="subrip"))
    with av.open(str(path)) as container:
        yield next(p for p in container.demux(container.streams.subtitles[0]) if p.duration)


@pytest.mark.parametrize("part", [Fraction(1, 4), Fraction(1, 2), Fraction(3)])
def test_a_line_ends_with_the_piece(line, part):
    base = line.time_base
    begin, length = line.pts * base, line.duration * base
    end = begin + part * length
    assert Window(None, end, Fraction(0)).cut(line)
    assert line.pts * base == begin
    assert float(line.duration * base) == pytest.approx(
        float(min(length, end - begin)), abs=float(base)
    )


def test_a_line_that_is_on_screen_before_and_after_lasts_for_the_piece(line):
    base = line.time_base
    begin, length = line.pts * base, line.duration * base
    first, last = begin + length / 4, begin + length / 2
    assert Window(first, last, first).cut(line)
    assert line.pts == 0
    assert float(line.duration * base) == pytest.approx(float(last - first), abs=float(2 * base))
