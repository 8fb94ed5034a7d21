from __future__ import annotations

import numpy as np
import pytest

from vidrestore.picture.flow import (
    FlowRefinement,
    FlowSearch,
    bring,
    chained,
    enlarged,
    positions,
    resized,
)
from vidrestore.picture.outline import Box

SIDE = 128


def texture(x, y):
    return 120 + 40 * np.sin(x / 5 + np.cos(y / 9)) + 40 * np.cos(y / 6 + np.sin(x / 11))


def picture(dx=0.0, dy=0.0, side=SIDE):
    y, x = np.mgrid[:side, :side] * (SIDE / side)
    return np.rint(texture(x - dx, y - dy)).astype(np.uint8)


@pytest.mark.parametrize("shift", [(0, 0), (1.5, -0.7), (-4, 3)])
def test_the_field_says_where_things_are_in_the_other(shift):
    field = FlowSearch().field(picture(*shift), picture())
    inner = np.s_[16:-16, 16:-16]
    assert np.allclose(field[inner].mean(axis=(0, 1)), np.negative(shift), atol=0.15)


@pytest.mark.parametrize("size", [SIDE, 2 * SIDE])
def test_bringing_a_picture_over_follows_the_field(size):
    field = FlowSearch().field(picture(3, -2), picture())
    before = picture(side=size).astype(np.float32)[..., None].repeat(3, axis=-1)
    brought = bring(before, field)
    assert brought.shape == before.shape
    edge = size // 6
    inner = np.s_[edge:-edge, edge:-edge]
    assert np.abs(brought[..., 0] - picture(3, -2, size))[inner].mean() < 4


def test_no_motion_brings_the_very_picture():
    before = np.random.default_rng(1).uniform(0, 255, (32, 32, 3)).astype(np.float32)
    nothing, least = (np.full((16, 16, 2), size, np.float32) for size in (0, 0.007))
    assert bring(before, nothing) is before
    assert bring(before, least) is before
    assert not np.array_equal(bring(before, 2 * least), before)


def test_fields_in_a_chain_lead_from_the_first_to_the_last():
    search = FlowSearch()
    first, second, third = picture(), picture(2, 1), picture(5, -1)
    path = chained(search.field(first, second), search.field(second, third))
    assert path[20:-20, 20:-20].mean(axis=(0, 1)) == pytest.approx((5, -1), abs=0.15)


@pytest.mark.parametrize("cells", [SIDE, SIDE // 2])
def test_refining_takes_away_what_a_field_is_wrong_by_in_places(cells):
    """As a chain is around lids and lips, which move by themselves."""
    y, x = np.mgrid[:cells, :cells] * (SIDE / cells)
    bump = np.exp(-((x - 64) ** 2 + (y - 64) ** 2) / 60)[..., None]
    start = ((np.float32([-3, 2]) + bump * (0.8, -0.6)) * (cells / SIDE)).astype(np.float32)
    field = FlowRefinement().field(picture(3, -2), picture(), start)
    assert field.shape == (SIDE, SIDE, 2)
    off = np.hypot(*np.moveaxis(field - (-3, 2), -1, 0))
    assert off[60:69, 60:69].mean() < 0.5 * np.hypot(*(0.8, -0.6)) * bump.max()
    assert off[16:-16, 16:-16].mean() < 0.1


@pytest.mark.parametrize("cells", [32, 64, 128])
def test_a_field_on_another_grid_leads_to_the_same_places(cells):
    y, x = np.mgrid[:64, :64].astype(np.float32) / 64
    field = np.stack([3 + 2 * x, y - 1], axis=-1)
    other = resized(field, (cells, cells))
    assert other.shape == (cells, cells, 2)
    assert np.allclose(other.mean(axis=(0, 1)) / cells, field.mean(axis=(0, 1)) / 64, atol=1e-4)
    assert resized(field, (64, 64)) is field


@pytest.mark.parametrize("size", [32, 128, 96, 100])
@pytest.mark.parametrize("box", [(0, 24, 4, 32), (8, 28, 12, 20), (0, 32, 0, 32)])
def test_a_part_of_what_is_enlarged_is_that_of_the_whole(size, box):
    cells = np.random.default_rng(0).normal(0, 2, (32, 32, 2)).astype(np.float32)
    top, bottom, left, right = (end * size // 32 for end in box)
    part = Box(slice(top, bottom), slice(left, right))
    np.testing.assert_allclose(enlarged(cells, size, part), enlarged(cells, size)[part], atol=1e-5)
    np.testing.assert_allclose(
        positions(cells, size, part), positions(cells, size)[part], atol=1e-4
    )
