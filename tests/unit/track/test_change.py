from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidrestore.track.change import difference, glance


def scene(seed: int, height: int = 180, width: int = 640, blobs: int = 60) -> np.ndarray:
    """(h, w, 3) uint8: coloured rectangles, always the same for a seed."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), rng.integers(40, 200, 3), np.uint8)
    for _ in range(blobs):
        y, x = rng.integers(0, height), rng.integers(0, width)
        h, w = rng.integers(10, height // 2), rng.integers(10, width // 6)
        picture[y : y + h, x : x + w] = rng.integers(0, 255, 3)
    return picture


def apart(first: np.ndarray, second: np.ndarray) -> float:
    return difference(glance(first), glance(second))


def lit(picture: np.ndarray, gain: float, lift: float = 0.0) -> np.ndarray:
    return np.clip(picture * gain + lift, 0, 255).astype(np.uint8)


VIEW = scene(1)[:, 100:420]


def test_a_picture_does_not_differ_from_itself_and_the_order_does_not_matter() -> None:
    assert apart(VIEW, VIEW) == pytest.approx(0, abs=1e-9)
    other = scene(2)[:, 100:420]
    assert apart(VIEW, other) == pytest.approx(apart(other, VIEW), rel=0.05)


def test_unrelated_pictures_differ() -> None:
    views = [scene(seed)[:, 100:420] for seed in range(6)]
    values = [apart(a, b) for k, a in enumerate(views) for b in views[k + 1 :]]
    assert min(values) > 0.25


@pytest.mark.parametrize(("gain", "lift"), [(0.4, 0), (0.7, 60), (1.2, 10), (0.25, 40)])
def test_brightness_hardly_matters(gain: float, lift: float) -> None:
    assert apart(VIEW, lit(VIEW, gain, lift)) < 0.05


def test_a_light_on_one_side_matters_less_than_a_new_picture() -> None:
    shaded = VIEW.copy()
    shaded[:, :160] //= 3
    assert apart(VIEW, shaded) < 0.2


@pytest.mark.parametrize("shift", [-100, -40, 15, 60, 120])
def test_a_shift_matters_less_than_a_new_picture(shift: int) -> None:
    moved = scene(1)[:, 100 + shift : 420 + shift]
    assert apart(VIEW, moved) < 0.1


def test_noise_hardly_matters() -> None:
    noise = np.random.default_rng(0).normal(0, 30, VIEW.shape)
    assert apart(VIEW, np.clip(VIEW + noise, 0, 255).astype(np.uint8)) < 0.02


def test_black_bars_do_not_make_pictures_alike() -> None:
    framed = [np.pad(scene(k)[:, 100:420] // 3, ((0, 0), (80, 80), (0, 0))) for k in (1, 2)]
    assert apart(*framed) > 0.25


def test_flat_pictures_are_alike() -> None:
    rng = np.random.default_rng(0)
    black = [np.clip(rng.normal(2, 2, VIEW.shape), 0, 255).astype(np.uint8) for _ in range(2)]
    assert apart(*black) < 0.02
    assert apart(np.zeros_like(VIEW), np.zeros_like(VIEW)) == 0


@settings(deadline=None)
@given(st.integers(1, 70), st.integers(1, 70))
def test_any_size_will_do(height: int, width: int) -> None:
    rng = np.random.default_rng(height * 71 + width)
    pair = rng.integers(0, 255, (2, height, width, 3), dtype=np.uint8)
    assert 0 <= apart(*pair) <= 2


def test_another_size_is_another_picture() -> None:
    assert apart(VIEW, VIEW[:60]) == 1
