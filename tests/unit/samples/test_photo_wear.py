"""Worn photos are worn where it is said, and the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from samples.photo_wear import WORN, Worn, aged, faded, line


@pytest.mark.parametrize("worn", WORN, ids=lambda worn: worn.title)
def test_photos_are_worn_and_nothing_else(worn: Worn) -> None:
    picture, mask = aged(worn, 5)
    again, _ = aged(worn, 5)
    assert np.array_equal(picture, again)
    assert picture.shape[1] == worn.width
    error = np.abs(picture - faded(worn)).mean(axis=2)
    assert 1 < np.median(error) < 12, "soft, grainy and compressed all over"
    assert (mask is not None) == (worn.hole is not None)
    if mask is not None:
        assert 0.001 < (mask > 0).mean() < 0.05
        assert error[mask > 0].mean() > 30
    if worn.gray:
        assert np.ptp(picture, axis=2).max() < 12


def test_a_line_goes_from_end_to_end_and_is_as_wide_as_asked() -> None:
    for width in (1, 6):
        cover = line((200, 300, 3), (0.0, 0.2, 1.0, 0.4), width, 7)
        columns = cover.sum(axis=0)
        assert (columns > 0.3).mean() > 0.8
        assert 0.5 * width < np.median(columns) < 2 * width + 1
        assert cover[:30].max() == cover[150:].max() == 0
