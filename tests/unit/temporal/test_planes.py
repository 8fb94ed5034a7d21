from __future__ import annotations

import numpy as np
import pytest

from vidrestore.picture.outline import Box
from vidrestore.temporal.planes import added, difference, gray, planes


def crop(dtype=np.uint8, size=64, seed=0):
    rng = np.random.default_rng(seed)
    values = np.kron(rng.uniform(30, 220, (size // 8, size // 8, 3)), np.ones((8, 8, 1)))
    return np.rint(values * (1 if dtype == np.uint8 else 257)).astype(dtype)


def whole(picture):
    return Box(slice(0, len(picture)), slice(0, len(picture)))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_change_to_another_crop_leads_to_it(dtype):
    one, other = crop(dtype), crop(dtype, seed=1)
    result = added(one, difference(other, one), whole(one))
    assert result.dtype == dtype
    # Chroma is interpolated across the blocks' edges; within them it is right.
    inside = np.s_[3:-3:8, 3:-3:8]
    apart = np.abs(result.astype(float) - other)[inside]
    assert apart.max() <= (1 if dtype == np.uint8 else 257)


def test_no_change_gives_the_same_samples():
    one = crop()
    assert np.array_equal(added(one, difference(one, one), whole(one)), one)


def test_gray_has_no_chroma():
    one = crop()[..., :1].repeat(3, axis=-1)
    assert max(np.abs(plane).max() for plane in planes(one)[1:]) < 1e-3


def test_levels_are_those_of_8_bits():
    assert planes(crop(np.uint16)).luma == pytest.approx(planes(crop()).luma, abs=0.6)


def test_a_share_of_a_smaller_change():
    one = np.full((64, 64, 3), 100, np.uint8)
    small = np.full((32, 32, 3), 120, np.uint8)
    base = np.full((32, 32, 3), 100, np.uint8)
    assert np.all(added(one, difference(small, base), whole(one), 0.5) == 110)


def test_only_a_part_changes():
    one, box = np.full((64, 64, 3), 100, np.uint8), Box(slice(8, 32), slice(4, 20))
    change = difference(np.full((64, 64, 3), 120, np.uint8), one).part(box)
    result = added(one, change, box)
    assert np.all(result[box] == 120)
    result[box] = 100
    assert np.array_equal(result, one)


def test_gray_is_a_mean_over_cells():
    luma = planes(crop()).luma
    assert gray(luma, 32)[0, 0] == pytest.approx(luma[:2, :2].mean())
    assert gray(luma, 64) is luma
