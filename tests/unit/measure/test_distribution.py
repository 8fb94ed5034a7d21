from __future__ import annotations

import cv2
import numpy as np
import pytest

from vidrestore.measure import sliced_wasserstein

DRAWS = np.random.default_rng(0)
TRUTH = np.clip(128 + 20 * DRAWS.standard_normal((96, 96, 1)), 0, 255).repeat(3, axis=2)


def test_the_truth_is_at_no_distance_and_others_as_far_as_they_lack() -> None:
    assert sliced_wasserstein([TRUTH], [TRUTH]) == 0
    half = 128 + (TRUTH - 128) / 2
    flat = cv2.GaussianBlur(TRUTH, (0, 0), 4)
    assert 0.3 < sliced_wasserstein([half], [TRUTH]) < 0.5
    assert 0.7 < sliced_wasserstein([flat], [TRUTH]) < 0.9


def test_it_does_not_matter_where_detail_lies() -> None:
    other = np.clip(128 + 20 * DRAWS.standard_normal((96, 96, 1)), 0, 255).repeat(3, axis=2)
    assert sliced_wasserstein([other], [TRUTH]) < 0.08


def test_only_what_is_inside_the_mask_counts() -> None:
    mask = np.zeros((96, 96), bool)
    mask[:, :48] = True
    spoilt = TRUTH.copy()
    spoilt[:, 56:] = 0
    assert sliced_wasserstein([spoilt], [TRUTH], mask) == pytest.approx(0, abs=1e-9)


def test_a_mask_thinner_than_a_patch_is_told() -> None:
    mask = np.zeros((96, 96), bool)
    mask[10:16] = True
    with pytest.raises(ValueError, match="no whole patch of 7x7 pixels"):
        sliced_wasserstein([TRUTH], [TRUTH], mask)
