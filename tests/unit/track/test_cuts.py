from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_pictures.strategies import look_at
from tests.stand_ins.stages import cutting
from vidrestore.datatypes import Look
from vidrestore.track.cuts import REACH

Clip = list[np.ndarray]
SIZE = (72, 128)


@cache
def scene(seed: int) -> np.ndarray:
    """(144, 768, 3) float: coloured rectangles, the same for a seed."""
    rng = np.random.default_rng(seed)
    picture = np.full((144, 768, 3), rng.uniform(60, 160, 3))
    for _ in range(110):
        y, x = rng.integers(0, 144), rng.integers(0, 768)
        h, w = rng.integers(8, 60), rng.integers(8, 80)
        picture[y : y + h, x : x + w] = rng.uniform(0, 255, 3)
    return picture


def shot(seed: int, count: int, pan: float = 0.0, shake: float = 0.0, dim: float = 1.0) -> Clip:
    """A window moving over a scene by ``pan`` px a frame."""
    rng = np.random.default_rng(seed + 100)
    view = scene(seed) * dim
    result = []
    for k in range(count):
        x = int(np.clip(300 + pan * k + rng.normal(0, shake), 0, 640))
        y = int(np.clip(36 + rng.normal(0, shake), 0, 72))
        result.append(view[y : y + SIZE[0], x : x + SIZE[1]])
    return result


def worn(clip: Clip) -> Clip:
    """Gray, flickering, grainy, scratched."""
    rng = np.random.default_rng(0)
    result = []
    for picture in clip:
        gray = picture.mean(axis=2, keepdims=True) * rng.normal(1, 0.1)
        gray = np.repeat(gray, 3, axis=2) + rng.normal(0, 10, (*SIZE, 1))
        gray[:, rng.integers(128)] += 60
        y, x = rng.integers(66), rng.integers(122)
        gray[y : y + 5, x : x + 5] = rng.choice([0, 255])
        result.append(gray)
    return result


def lit(clip: Clip, frames: range, gain: float, lift: float = 0.0) -> Clip:
    return [p * gain + lift if k in frames else p for k, p in enumerate(clip)]


def dimmed(clip: Clip, gains: np.ndarray) -> Clip:
    return [picture * gain for picture, gain in zip(clip, gains, strict=True)]


def dissolved(first: Clip, second: Clip, weights: np.ndarray) -> Clip:
    return [(1 - w) * a + w * b for a, b, w in zip(first, second, weights, strict=True)]


def looks(clip: Clip) -> list[Look]:
    return [look_at(k, np.clip(p, 0, 255).astype(np.uint8)) for k, p in enumerate(clip)]


def run(clip: Clip, threshold: float = 1.0) -> tuple[list[Look], tuple[int, ...]]:
    stage = cutting(threshold)
    out = [look for item in looks(clip) for look in stage.push(item)] + list(stage.flush())
    return out, stage.cuts


def cuts(clip: Clip, threshold: float = 1.0) -> tuple[int, ...]:
    return run(clip, threshold)[1]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 4), max_size=12))
def test_each_frame_comes_out_once_in_order_and_marks_agree_with_the_list(seeds: list[int]) -> None:
    clip = [shot(seed, 1)[0] for seed in seeds]
    out, found = run(clip)
    assert [look.frame.index for look in out] == list(range(len(clip)))
    starts = [look.frame.index for look in out if look.shot_start]
    assert starts == [0, *found][: len(starts)]
    assert bool(starts) == bool(clip)


def test_the_delay_is_the_reach() -> None:
    stage = cutting()
    assert [len(list(stage.push(look))) for look in looks(shot(1, 6))] == [0] * REACH + [1] * 4
    assert len(list(stage.flush())) == REACH


def test_pictures_pass_as_they_are() -> None:
    items = looks(shot(1, 5) + shot(2, 5))
    stage = cutting()
    out = [look for item in items for look in stage.push(item)] + list(stage.flush())
    assert all(
        a.frame is b.frame and a.picture is b.picture for a, b in zip(items, out, strict=True)
    )


@pytest.mark.parametrize("finish", [list, worn])
@pytest.mark.parametrize("dim", [1.0, 0.3])
def test_hard_cuts_are_found_where_they_are(finish: Callable[[Clip], Clip], dim: float) -> None:
    for first, second in ((1, 2), (3, 4), (5, 6)):
        clip = shot(first, 14) + shot(second, 10, pan=2) + shot(first, 12, pan=-3, shake=1)
        assert cuts([picture * dim for picture in finish(clip)]) == (14, 24)


def test_a_cut_back_and_forth_within_one_place_is_found() -> None:
    wide = shot(7, 12)
    near = [np.repeat(np.repeat(p[10:46, 20:84], 2, axis=0), 2, axis=1) for p in wide]
    assert cuts(wide + near + wide) == (12, 24)


def test_shots_of_one_and_two_frames_are_shots() -> None:
    assert cuts(shot(1, 12) + shot(2, 1) + shot(3, 12)) == (12, 13)
    assert cuts(shot(1, 12) + shot(2, 2) + shot(3, 12)) == (12, 14)


def test_cuts_at_the_very_ends_are_found() -> None:
    assert cuts(shot(1, 1) + shot(2, 10)) == (1,)
    assert cuts(shot(1, 10) + shot(2, 1)) == (10,)


def passed(clip: Clip, width: int, speed: int) -> Clip:
    """Somebody in gray passes before the camera."""
    result = [picture.copy() for picture in clip]
    for k, picture in enumerate(result[8:]):
        left = speed * (k + 1) - width
        picture[10:, max(left, 0) : max(left + width, 0)] = 90
    return result


def dull() -> Clip:
    """Nothing to see, until in the last frame something comes over the edge."""
    clip = [np.full((*SIZE, 3), 120.0) for _ in range(12)]
    clip[-1][60:, 90:120] = (80, 230, 80)
    return clip


CALM: dict[str, Clip] = {
    "nothing moves": shot(1, 20),
    "worn film": worn(shot(2, 30)),
    "pan": shot(3, 30, pan=9),
    "whip pan": shot(4, 10) + shot(4, 8, pan=38) + [shot(4, 8, pan=38)[-1]] * 8,
    "shake": shot(5, 30, shake=8),
    "flash": lit(shot(6, 24), range(10, 11), 2.0, 80),
    "two white frames": lit(shot(6, 24), range(10, 12), 0, 255),
    "a black frame": lit(shot(6, 24), range(10, 11), 0),
    "strobe": lit(lit(shot(7, 24), range(8, 9), 2.5), range(11, 13), 2.5),
    "light switched on": lit(shot(8, 24), range(12), 0.3),
    "a frame of something else": shot(1, 10) + shot(2, 1) + shot(1, 10),
    "fade": dimmed(shot(3, 24), np.r_[[1] * 8, 1 - np.arange(9) / 8, [0] * 7]),
    "quick fade": dimmed(shot(4, 12), np.r_[[1] * 4, 0.75, 0.5, 0.25, 0, 0, 0.5, 1, 1]),
    "dissolve": dissolved(shot(1, 26), shot(5, 26), np.clip((np.arange(26) - 8) / 9, 0, 1)),
    "somebody passes": passed(shot(2, 24), 30, 12),
    "somebody passes in a hurry": passed(shot(7, 24), 26, 26),
    "somebody passes close": passed(shot(1, 30), 90, 24),
    "somebody passes close on worn film": worn(passed(shot(3, 30), 76, 20)),
    "a shape enters a dull picture": dull(),
    "all black": shot(1, 10, dim=0.0),
}


@pytest.mark.parametrize("name", CALM)
def test_what_is_no_cut_is_none(name: str) -> None:
    assert cuts(CALM[name]) == ()


def test_the_threshold_scales_how_much_must_change() -> None:
    clip = [shot(k, 1)[0] * 0.15 + shot(9, 1)[0] * 0.85 for k in [1] * 10 + [2] * 10]
    found = [len(cuts(clip, threshold)) for threshold in (0.05, 10.0)]
    assert found == [1, 0]
