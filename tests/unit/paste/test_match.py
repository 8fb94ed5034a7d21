from __future__ import annotations

import numpy as np
import pytest

from tests.made_pictures.faces import skin
from vidrestore.paste import matched_difference

SIZE = 128
Y, X = np.mgrid[:SIZE, :SIZE]
WHOLE = np.ones((64, 64), np.float32)


def crop(levels, dtype=np.uint8):
    scale = 1 if dtype == np.uint8 else 257
    return np.clip(np.rint(levels * scale), 0, 255 * scale).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_without_matching_it_is_the_plain_difference(dtype):
    source = crop(skin(X, Y), dtype)
    restored = crop(skin(X, Y) + 9 * np.sin(X / 3)[..., None], dtype)
    scale = 1 if dtype == np.uint8 else 257
    expected = (restored.astype(float) - source) / scale
    assert np.allclose(
        matched_difference(source, restored, WHOLE, match=False), expected, atol=1e-3
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("match", [False, True])
def test_nothing_restored_is_nothing_changed(dtype, match):
    source = crop(skin(X, Y), dtype)
    assert not matched_difference(source, source, WHOLE, match=match).any()


def test_a_tint_and_a_change_of_light_are_taken_away():
    source = skin(X, Y) * 0.7 + 30
    for tint in [(20, 20, 20), (15, -10, 5), (-12, 0, 12)]:
        difference = matched_difference(crop(source), crop(source + tint), WHOLE)
        assert np.abs(difference).max() < 0.6


def test_detail_stays():
    source = crop(skin(X, Y))
    detail = 12 * np.sin(X / 2.5) * np.cos(Y / 3)
    difference = matched_difference(source, crop(skin(X, Y) + detail[..., None]), WHOLE)
    assert np.abs(difference - detail[..., None]).mean() < 1.0
    kept = (difference[..., 1] * detail).sum() / (detail**2).sum()
    assert kept == pytest.approx(1, abs=0.03)


def test_what_lies_outside_the_mask_has_no_say():
    source = crop(skin(X, Y))
    restored = source.copy()
    restored[:, :30] = 255
    mask = WHOLE.copy()
    mask[:, :20] = 0
    difference = matched_difference(source, restored, mask)
    assert np.abs(difference[:, 60:]).max() < 0.5


@pytest.mark.parametrize("match", [False, True])
def test_a_gray_source_gets_no_colour(match):
    gray = np.repeat(skin(X, Y)[..., :1], 3, axis=-1)
    restored = crop(gray + np.array([25, 5, -20]) * np.sin(X / 4)[..., None])
    difference = matched_difference(crop(gray), restored, WHOLE, match=match)
    assert np.abs(difference - difference[..., :1]).max() < 1e-3
    assert np.abs(difference).max() > 1


def test_colour_fades_in_with_the_colour_of_the_source():
    gray = np.repeat(skin(X, Y)[..., :1], 3, axis=-1)
    amounts = []
    for tint in (0, 2, 3, 6):
        source = gray + np.array([tint, 0, 0])
        restored = source + np.array([20, 0, -20]) * np.sin(X / 4)[..., None]
        difference = matched_difference(crop(source), crop(restored), WHOLE)
        amounts.append(np.abs(difference[..., 0] - difference[..., 2]).mean())
    assert amounts[0] < 1e-3 < amounts[1] < amounts[2] < amounts[3]


def test_an_empty_mask_is_no_error():
    source = crop(skin(X, Y))
    nothing = np.zeros_like(WHOLE)
    assert np.isfinite(matched_difference(source, 255 - source, nothing)).all()
