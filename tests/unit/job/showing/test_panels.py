"""Several pictures in one, each under its name."""

from __future__ import annotations

import numpy as np
import pytest

from vidrestore.job.showing.panels import arranged


def flat(level, height=60, width=80):
    return np.full((height, width, 3), level, np.uint8)


def test_side_by_side_under_names():
    view = arranged([flat(10), flat(200)], ["one", "other"])
    bar = len(view) - 60
    assert view.shape == (60 + bar, 160, 3)
    assert (view[bar:, :80] == 10).all()
    assert (view[bar:, 80:] == 200).all()
    assert view[:bar, :80].max() > 150  # something is written there
    assert (view[:bar, :80] != view[:bar, 80:]).any()


def test_a_split_picture_has_a_stripe_of_each():
    view = arranged([flat(10), flat(100), flat(200)], ["a", "b", "c"], "split")[-60:]
    assert view.shape == (60, 80, 3)
    assert (view[:, :27] == 10).all()
    assert (view[:, 27] == 255).all()
    assert (view[:, 28:53] == 100).all()
    assert (view[:, 54:] == 200).all()


def test_pictures_are_brought_to_the_largest_size():
    view = arranged([flat(10), flat(200, 120, 160)], ["a", "b"])
    assert view.shape[1] == 320
    assert (view[-120:, :160] == 10).all()


@pytest.mark.parametrize("layout", ["side", "split"])
def test_no_wider_than_allowed(layout):
    view = arranged([flat(10), flat(200)], ["a", "b"], layout, widest=40)
    assert view.shape[1] == 40


def test_names_that_do_not_fit_or_cannot_be_drawn_are_no_obstacle():
    arranged([flat(10, width=8)] * 2, ["temporal.reach=8 " * 9, "Düsseldorf 映"])
