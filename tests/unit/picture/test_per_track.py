from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidrestore.picture.per_track import PerTrack


def test_what_was_set_is_known_on_this_frame_and_the_next():
    known: PerTrack[str] = PerTrack()
    known.advance(shot_start=True)
    assert known.get(1) is None
    known[1] = "a"
    assert known.get(1) == "a"
    known.advance(shot_start=False)
    assert known.get(1) == "a"
    known.advance(shot_start=False)
    assert known.get(1) is None
    assert len(known) == 0


def test_a_shot_forgets_everything_and_what_is_kept_is_known_longer():
    known: PerTrack[str] = PerTrack()
    known.advance(shot_start=True)
    known[1] = known[2] = "a"
    known.advance(shot_start=False)
    known.keep(1)
    known.keep(3)
    known.advance(shot_start=False)
    assert (known.get(1), known.get(2), known.get(3)) == ("a", None, None)
    known.advance(shot_start=True)
    assert known.get(1) is None


FRAMES = st.lists(st.tuples(st.sets(st.integers(1, 4)), st.booleans()), max_size=30)


@given(FRAMES, st.integers(1, 5))
def test_a_value_outlives_its_frame_by_so_many_frames(frames, span):
    """Against the history itself: the last frame of the shot, within the span, that set it."""
    known: PerTrack[int] = PerTrack(span)
    for now, (present, shot_start) in enumerate(frames):
        known.advance(shot_start=shot_start)
        starts = [i for i in range(now + 1) if frames[i][1]]
        begin = max(starts[-1] if starts else 0, now - span)
        for track_id in range(1, 5):
            past = [i for i in range(begin, now) if track_id in frames[i][0]]
            assert known.get(track_id) == (past[-1] if past else None)
        for track_id in present:
            known[track_id] = now
        assert len(known) <= 4


def test_a_span_below_one_frame_is_refused():
    with pytest.raises(ValueError, match="frames 0, must be at least 1"):
        PerTrack(0)
