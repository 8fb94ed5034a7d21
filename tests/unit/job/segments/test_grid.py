"""Segments cover a range once, each with what it needs to see around it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidrestore.config import Config, TemporalConfig
from vidrestore.job.segments.grid import Around, divide
from vidrestore.temporal import Blend, Denoise
from vidrestore.video import Segment, Span, Timetable

AROUND = Around.of(Config().temporal)


@given(st.integers(1, 16), st.integers(1, 64))
def test_as_many_frames_are_there_beside_a_segment_as_are_averaged(reach: int, rest: int) -> None:
    options = TemporalConfig(reach=reach, rest=max(reach, rest))
    blend = Blend(options.blend, options.reach, None, 0.1)
    denoise = Denoise(options.denoise, options.reach, options.rest, options.tolerance, 0.1)
    around = Around.of(options)
    assert around.beside == blend.memory
    assert around.context > blend.memory + denoise.memory


@st.composite
def tables(draw: st.DrawFn) -> Timetable:
    steps = draw(st.lists(st.integers(1, 200), min_size=1, max_size=400))
    times, now = [], Fraction(draw(st.integers(-500, 500)), 100)
    for step in steps:
        times.append(now)
        now += Fraction(step, 100)
    keys = draw(st.lists(st.booleans(), min_size=len(times), max_size=len(times)))
    return Timetable(tuple(times), (True, *keys[1:]), draw(st.booleans()))


@given(tables(), st.sampled_from([0, 0.5, 2, 20]))
def test_every_frame_belongs_to_one_segment(table: Timetable, seconds: float) -> None:
    segments = divide(table, seconds, AROUND)
    assert [segment.number for segment in segments] == list(range(len(segments)))
    for time in table.times:
        assert sum(segment.result.holds(time) for segment in segments) == 1
    counts = [sum(map(segment.result.holds, table.times)) for segment in segments]
    assert counts == [segment.frames for segment in segments]


@given(tables(), st.sampled_from([0.5, 2, 20]))
def test_a_segment_sees_the_frames_around_it(table: Timetable, seconds: float) -> None:
    times = table.times
    for segment in divide(table, seconds, AROUND):
        own = [i for i, time in enumerate(times) if segment.result.holds(time)]
        for span, reach in ((segment.beside, AROUND.beside), (segment.context, AROUND.context)):
            held = [i for i, time in enumerate(times) if span.holds(time)]
            low, high = max(0, own[0] - reach), min(len(times), own[-1] + 1 + reach)
            assert held == list(range(low, high))
        if segment.number:
            assert segment.before == times[own[0] - 1]
        if own[-1] + 1 < len(times):
            assert segment.last == times[own[-1]]
        if segment.landing is not None:
            assert table.exact
            assert table.keys[times.index(segment.landing)]
            assert segment.context.begin is not None
            assert segment.landing <= segment.context.begin


@given(tables(), st.sampled_from([0.5, 2]))
def test_a_segment_goes_through_json(table: Timetable, seconds: float) -> None:
    for segment in divide(table, seconds, AROUND):
        assert Segment.from_dict(segment.as_dict()) == segment


def test_segments_begin_with_keyframes_where_these_are_near() -> None:
    times = tuple(Fraction(n, 25) for n in range(500))
    keys = tuple(n in {0, 130, 260, 400} for n in range(500))
    starts = [s.result.begin for s in divide(Timetable(times, keys, True), 5, AROUND)]
    assert starts == [None, Fraction(130, 25), Fraction(260, 25), Fraction(400, 25)]


def test_what_cannot_be_sought_is_divided_more_coarsely() -> None:
    times = tuple(Fraction(n, 10) for n in range(3000))
    keys = (True,) * len(times)
    fine = divide(Timetable(times, keys, exact=True), 10, AROUND)
    coarse = divide(Timetable(times, keys, exact=False), 10, AROUND)
    assert len(fine) > 5 * len(coarse) > 5
    assert all(segment.landing is None for segment in coarse)


def test_a_range_is_divided_alone() -> None:
    times = tuple(Fraction(n, 25) for n in range(1000))
    table = Timetable(times, (True,) * 1000, exact=True)
    segments = divide(table, 5, AROUND, Fraction(10), Fraction(30))
    # What lies before and behind the range is the reader's to leave out.
    assert segments[0].result.begin is None
    assert segments[-1].result.end is None
    assert sum(segment.frames or 0 for segment in segments) == 500
    assert segments[1].result.begin == Fraction(15)


@pytest.mark.parametrize("time", [None, Fraction(0)])
def test_a_span_without_ends_holds_everything(time: Fraction | None) -> None:
    assert Span().holds(time)
    assert Span(None, Fraction(1)).holds(time)
    assert not Span(Fraction(1), None).holds(time)
