from __future__ import annotations

import numpy as np
import pytest

from tests.unit.film.scenes import as_frames, dissolved, other, person
from vidrestore.datatypes import Look
from vidrestore.film.observe import LOOKAHEAD, Observe


def looks(pictures, cuts=(0,)):
    frames = as_frames(np.stack(pictures))
    return [
        Look(frame, picture, frame.index in cuts)
        for frame, picture in zip(frames, pictures, strict=True)
    ]


def seen(items):
    stage = Observe()
    return [*(done for item in items for done in stage.push(item)), *stage.flush()]


def facts(items):
    return [(look.frame.flicker, look.frame.mixed) for look in items]


def flickering(shot, count, seed=0):
    random = np.random.default_rng(seed)
    return [
        (shot(t) * np.exp(random.normal(0, 0.07)) + random.normal(0, 4))
        .clip(0, 255)
        .astype(np.uint8)
        for t in range(count)
    ]


@pytest.fixture(scope="module")
def film():
    """A flickering shot, a dissolve, and a shot of its own after a cut."""
    turning = [dissolved(person(t), other(t), min(max((t - 13) / 15, 0), 1)) for t in range(40)]
    pictures = [*flickering(person, 30), *turning, *flickering(other, 16)]
    return looks(pictures, (0, 30, 70))


def test_each_frame_comes_once_in_order_with_all_it_had(film):
    result = seen(film)
    assert [look.frame.index for look in result] == list(range(len(film)))
    for before, after in zip(film, result, strict=True):
        assert after.picture is before.picture
        assert after.shot_start == before.shot_start
        for field in ("planes", "pts", "format", "handle", "touched"):
            assert getattr(after.frame, field) is getattr(before.frame, field)


def test_flicker_and_dissolves_are_where_they_are(film):
    result = facts(seen(film))
    assert all(flicker is not None for flicker, _ in result[:30])
    assert all(flicker is None for flicker, _ in result[30:70])
    assert all(mixed == 0 for _, mixed in [*result[:30], *result[70:]])
    assert min(mixed for _, mixed in result[48:54]) > 0.9


def test_the_light_comes_to_rest():
    items = looks(flickering(person, 40))
    steady = []
    for look in seen(items):
        tone = look.frame.flicker
        steady.append(tone.gain * float(look.picture.mean()) + tone.offset)
    before = np.diff([float(look.picture.mean()) for look in items])
    assert np.std(np.diff(steady)) < 0.25 * np.std(before)


def test_a_frame_waits_for_so_many_and_no_more(film):
    stage = Observe()
    came = [len(list(stage.push(look))) for look in film[:30]]
    assert came == [0] * LOOKAHEAD + [1] * (30 - LOOKAHEAD)


def test_shots_know_nothing_of_each_other(film):
    alone = [*seen(film[:30]), *seen(film[30:70]), *seen(film[70:])]
    assert facts(seen(film)) == facts(alone)


def test_no_frame_further_away_counts(film):
    at = 20
    piece = looks([look.picture for look in film[:30]][at - LOOKAHEAD :])
    whole = facts(seen(film))
    # The piece's own start is a shot's start: a frame just behind it is told by as much as before.
    assert facts(seen(piece))[LOOKAHEAD] == whole[at]


def test_what_is_flushed_begins_anew(film):
    stage = Observe()
    first = [*(done for look in film[:30] for done in stage.push(look)), *stage.flush()]
    again = [*(done for look in film[:30] for done in stage.push(look)), *stage.flush()]
    assert facts(first) == facts(again)
