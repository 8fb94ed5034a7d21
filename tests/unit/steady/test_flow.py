from __future__ import annotations

import numpy as np
import pytest

from vidrestore.steady import Flow, bring

SIDE = 128


def texture(x, y):
    return 120 + 40 * np.sin(x / 5 + np.cos(y / 9)) + 40 * np.cos(y / 6 + np.sin(x / 11))


def picture(dx=0.0, dy=0.0, side=SIDE):
    y, x = np.mgrid[:side, :side] * (SIDE / side)
    return np.rint(texture(x - dx, y - dy)).astype(np.uint8)


@pytest.mark.parametrize("shift", [(0, 0), (1.5, -0.7), (-4, 3)])
def test_the_field_says_where_things_were(shift):
    carried = Flow().carry(picture(), picture(*shift))
    inner = np.s_[16:-16, 16:-16]
    assert np.allclose(carried.field[inner].mean(axis=(0, 1)), np.negative(shift), atol=0.15)
    assert carried.trust[inner].mean() > 0.9
    assert np.abs(carried.before - picture(*shift))[inner].mean() < 4


def test_what_cannot_be_found_again_is_not_trusted():
    noise = np.random.default_rng(0).integers(0, 255, (2, SIDE, SIDE), dtype=np.uint8)
    assert Flow().carry(*noise).trust.mean() < 0.8
    covered = picture()
    covered[40:90, 40:90] = 128
    trust = Flow().carry(picture(), covered).trust
    assert trust[50:80, 50:80].mean() < trust[100:, 100:].mean()


@pytest.mark.parametrize("size", [SIDE, 2 * SIDE])
def test_bringing_a_picture_over_follows_the_field(size):
    carried = Flow().carry(picture(), picture(3, -2))
    before = picture(side=size).astype(np.float32)[..., None].repeat(3, axis=-1)
    brought = bring(before, carried.field)
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
