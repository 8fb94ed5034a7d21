from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidrestore.detect.networks.boxes import overlap, suppress

COORDINATE = st.floats(-50, 50, allow_nan=False)


@st.composite
def boxes(draw):
    count = draw(st.integers(0, 12))
    rows = []
    for _ in range(count):
        x, y = draw(COORDINATE), draw(COORDINATE)
        rows.append((x, y, x + draw(st.floats(0.1, 40)), y + draw(st.floats(0.1, 40))))
    return np.array(rows, float).reshape(-1, 4)


def test_overlap_of_known_boxes():
    others = np.array(
        [[0, 0, 2, 2], [1, 0, 3, 2], [2, 0, 4, 2], [0.5, 0.5, 1.5, 1.5], [1, 1, 1, 1]]
    )
    got = overlap(np.array([0.0, 0, 2, 2]), others)
    assert got == pytest.approx([1, 2 / 6, 0, 1 / 4, 0])


def test_the_better_of_two_overlapping_boxes_stays():
    found = np.array([[0.0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]])
    assert suppress(found, np.array([0.6, 0.9, 0.5]), 0.3).tolist() == [1, 2]
    assert suppress(found, np.array([0.6, 0.9, 0.5]), 0.95).tolist() == [1, 0, 2]


@given(boxes(), st.floats(0.05, 0.9), st.randoms(use_true_random=False))
def test_what_stays_is_apart_and_what_goes_was_covered_by_better(found, limit, random):
    scores = np.array([random.random() for _ in found])
    kept = suppress(found, scores, limit)
    assert (np.diff(scores[kept]) <= 0).all()
    for position, index in enumerate(kept):
        assert (overlap(found[index], found[kept[:position]]) <= limit).all()
    for index in set(range(len(found))) - set(kept.tolist()):
        better = [k for k in kept if scores[k] >= scores[index]]
        assert (overlap(found[index], found[better]) > limit).any()
