from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidrestore.track.change import agreement, changed_share, glance


def scene(seed: int, height: int = 180, width: int = 640, blobs: int = 60) -> np.ndarray:
    """(h, w, 3) uint8: coloured rectangles, always the same for a seed."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), rng.integers(40, 200, 3), np.uint8)
    for _ in range(blobs):
        y, x = rng.integers(0, height), rng.integers(0, width)
        h, w = rng.integers(10, height // 2), rng.integers(10, width // 6)
        picture[y : y + h, x : x + w] = rng.integers(0, 255, 3)
    return picture


def alike(first: np.ndarray, second: np.ndarray) -> float:
    return agreement(glance(first), glance(second))


def lit(picture: np.ndarray, gain: float, lift: float = 0.0) -> np.ndarray:
    return np.clip(picture * gain + lift, 0, 255).astype(np.uint8)


def grainy(picture: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    return lit(picture + np.random.default_rng(seed).normal(0, sigma, picture.shape), 1)


VIEW = scene(1)[:, 100:420]
OTHERS = [scene(seed)[:, 100:420] for seed in range(2, 8)]


def test_a_picture_agrees_with_itself_and_the_order_does_not_matter() -> None:
    assert alike(VIEW, VIEW) == 1
    assert alike(VIEW, OTHERS[0]) == pytest.approx(alike(OTHERS[0], VIEW), abs=0.05)


def test_unrelated_pictures_do_not_agree() -> None:
    assert max(alike(VIEW, other) for other in OTHERS) < 0.25


@pytest.mark.parametrize(("gain", "lift"), [(0.4, 0), (0.7, 60), (1.2, 10), (0.25, 40)])
def test_brightness_hardly_matters(gain: float, lift: float) -> None:
    assert alike(VIEW, lit(VIEW, gain, lift)) > 0.9


def test_a_light_on_one_side_matters_less_than_a_new_picture() -> None:
    shaded = VIEW.copy()
    shaded[:, :160] //= 3
    assert alike(VIEW, shaded) > 0.4


@pytest.mark.parametrize("shift", [-100, -40, 15, 60, 100])
def test_of_a_shifted_picture_what_both_show_agrees(shift: int) -> None:
    moved = scene(1)[:, 100 + shift : 420 + shift]
    assert alike(VIEW, moved) > 0.85 * (1 - abs(shift) / 320)


@pytest.mark.parametrize("covered", [80, 160, 240])
def test_beside_what_covers_a_picture_it_agrees(covered: int) -> None:
    passed = VIEW.copy()
    passed[:, :covered] = 90
    assert alike(VIEW, passed) == pytest.approx(1 - covered / 320, abs=0.15)


def test_noise_hardly_matters_and_the_faintest_structure_tells_pictures_apart() -> None:
    assert alike(VIEW, grainy(VIEW, 30)) > 0.9
    dark, other = (lit(picture, 0.08, 8) for picture in (VIEW, OTHERS[0]))
    assert alike(grainy(dark, 5, 1), grainy(dark, 5, 2)) > 0.6
    assert alike(grainy(dark, 5, 1), grainy(other, 5, 2)) < 0.25


def test_black_bars_do_not_make_pictures_alike() -> None:
    framed = [np.pad(scene(k)[:, 100:420] // 3, ((0, 0), (80, 80), (0, 0))) for k in (1, 2)]
    assert alike(*framed) < 0.25


def test_pictures_that_show_nothing_agree() -> None:
    black = np.zeros_like(VIEW)
    assert alike(grainy(black, 2, 1), grainy(black, 2, 2)) == 1
    assert alike(black, black) == 1
    assert alike(VIEW, np.full_like(VIEW, 128)) < 0.05


def test_what_comes_over_the_edge_of_a_dull_picture_changes_little_of_it() -> None:
    dull = np.full_like(VIEW, 120)
    entered = dull.copy()
    entered[150:, 200:280] = (80, 230, 80)
    assert alike(dull, entered) < 0.05
    assert changed_share(glance(dull), glance(lit(entered, 1.1))) < 0.2
    assert changed_share(glance(VIEW), glance(OTHERS[0])) > 0.4


@settings(deadline=None)
@given(st.integers(1, 70), st.integers(1, 70))
def test_any_size_will_do(height: int, width: int) -> None:
    rng = np.random.default_rng(height * 71 + width)
    pair = rng.integers(0, 255, (2, height, width, 3), dtype=np.uint8)
    assert 0 <= alike(*pair) <= 1
    assert 0 <= changed_share(*map(glance, pair)) <= 1


def test_another_size_is_another_picture() -> None:
    assert alike(VIEW, VIEW[:60]) == 0
    assert changed_share(glance(VIEW), glance(VIEW[:60])) == 1
