"""Time stamps: what the file says is kept, what it does not say is bridged."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vidrestore.video.facts.timing import Clock, Slot

BASE = Fraction(1, 1000)


def test_good_times_are_kept() -> None:
    clock = Clock(BASE, Fraction(25))
    times = [-80, 0, 33, 67, 5000]
    slots = [clock.place(pts, None, 33) for pts in times]
    assert [slot.pts for slot in slots] == times
    assert not any(slot.guessed for slot in slots)
    assert {slot.duration for slot in slots} == {33}


def test_a_missing_time_follows_the_frame_before() -> None:
    clock = Clock(BASE, Fraction(25))
    assert clock.place(100, None, 40).pts == 100
    assert clock.place(None, None, 0) == Slot(140, 0, True)
    assert clock.place(None, None, 0).pts == 180, "without a duration the rate tells the step"


def test_a_tick_is_no_duration_where_no_time_is_told() -> None:
    clock = Clock(Fraction(1, 1_200_000), Fraction(25))
    slots = [clock.place(None, None, duration) for duration in (48_000, 48_000, 1, 1, 1)]
    assert [slot.pts for slot in slots] == [48_000 * n for n in range(5)]
    assert {slot.duration for slot in slots} == {48_000}
    assert clock.place(240_000, None, 1).duration == 1, "what is told with a time is kept"


def test_a_decoding_time_is_used_if_it_fits() -> None:
    clock = Clock(BASE, Fraction(25))
    assert clock.place(None, 500, 40).pts == 500
    assert clock.place(None, 545, 40).pts == 545
    assert clock.place(None, 20, 40).pts == 585, "one that runs backwards does not fit"


def test_time_running_backwards_is_bridged() -> None:
    clock = Clock(BASE, Fraction(25))
    clock.place(1000, None, 40)
    slot = clock.place(0, None, 40)
    assert (slot.pts, slot.guessed) == (1040, True)


def test_duration_ends_where_the_next_frame_begins() -> None:
    slot = Slot(100, 40, False)
    assert slot.until(130, exactly=False).duration == 30
    assert slot.until(139, exactly=False).duration == 40, "rounding by one unit is left alone"
    assert slot.until(500, exactly=False).duration == 40, "a gap is a gap"
    assert slot.until(500, exactly=True).duration == 400
    assert Slot(100, 0, False).until(500, exactly=True).duration == 0, "unknown stays unknown"


times = st.none() | st.integers(-(10**9), 10**12)


@given(
    st.lists(st.tuples(times, times, st.integers(-5, 10**6)), min_size=1, max_size=40),
    st.none() | st.fractions(Fraction(1, 10), Fraction(1000), max_denominator=1001),
)
def test_every_frame_comes_after_the_one_before(
    stamps: list[tuple[int | None, int | None, int]], rate: Fraction | None
) -> None:
    clock = Clock(BASE, rate)
    slots = [clock.place(*stamp) for stamp in stamps]
    assert all(a.pts < b.pts for a, b in pairwise(slots))
    for slot, (pts, _, _) in zip(slots, stamps, strict=True):
        assert slot.guessed or slot.pts == pts
        assert slot.duration >= 0
