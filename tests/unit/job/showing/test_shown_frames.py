"""Which frames of several videos belong together."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vidrestore.errors import InputError
from vidrestore.job.showing.shown_frames import ShownFrame, followed, paired


def at(*milliseconds):
    return iter([ShownFrame(None, Fraction(time, 1000), None) for time in milliseconds])


def times(moments):
    return [tuple(round(sight.time * 1000) for sight in moment) for moment in moments]


def test_frames_are_paired_by_their_times():
    pairs = paired(at(0, 33, 67), at(0, 34, 66), ("a", "b"))
    assert times(pairs) == [(0, 0), (33, 34), (67, 66)]


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ((0, 40, 80), (0, 40), "b ends after 2 frames, where a goes on at 0:00:00.080"),
        ((0, 40), (0, 40, 80), "a ends after 2 frames, where b goes on at 0:00:00.080"),
        ((0, 40, 80), (0, 80, 120), "frame 1 is at 0:00:00.040 in a and at 0:00:00.080 in b"),
    ],
)
def test_frames_without_a_counterpart_are_refused(one, other, said):
    with pytest.raises(InputError, match=said):
        list(paired(at(*one), at(*other), ("a", "b")))


def test_what_is_on_show_follows_the_leading_video():
    moments = followed(at(0, 40, 80), [at(0, 20, 40, 60, 81), at(0, 80)])
    assert times(moments) == [(0, 0, 0), (40, 40, 0), (80, 81, 80)]
