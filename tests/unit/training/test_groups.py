from __future__ import annotations

import numpy as np
import pytest

from training import groups
from training.samples.portraits import Portrait


def people(count: int = 9) -> list[Portrait]:
    """From dark to light."""
    made = []
    for number in range(count):
        pixels = np.zeros((768, 768, 3), np.uint8)
        pixels[:] = (60 + 16 * number, 45 + 13 * number, 35 + 11 * number)
        made.append(Portrait(f"p{500 + number}", pixels, np.zeros((5, 2))))
    return made


def test_everybody_is_in_a_group_or_in_its_opposite() -> None:
    found = groups.members(people())
    names = {person.name for person in people()}
    assert found["turned head"] | found["not turned head"] == names
    assert not found["turned head"] & found["not turned head"]
    darkest, middle, lightest = (found[f"skin tone, {tone}"] for tone in groups._TONES)
    assert darkest == {f"p{500 + n}" for n in range(3)}
    assert darkest | middle | lightest == names


def test_small_groups_are_left_out_and_the_least_gain_comes_first() -> None:
    gains = {f"p{n}": 1.0 + 0.1 * (n % 2) for n in range(20)}
    found = {"few": {"p1", "p3"}, "even": set(), "odd": set(), "all": set(gains)}
    for n in range(20):
        found["odd" if n % 2 else "even"].add(f"p{n}")
    rows = groups.table(gains, found)
    assert [row.name for row in rows] == ["even", "all", "odd"]
    assert rows[1].gain == pytest.approx(1.05)
    assert rows[1].error == pytest.approx(2.1 * 0.0513 / 20**0.5, rel=0.01)


def test_a_gain_is_over_the_worn_picture() -> None:
    (person,) = people(1)
    assert groups.gains([person], lambda crop: crop) == {"p500": 0.0}
    truth = person.pixels[128:640, 128:640]
    nearer = groups.gains([person], lambda crop: ((crop.astype(int) + truth) // 2).astype(np.uint8))
    assert nearer["p500"] > 2.0
