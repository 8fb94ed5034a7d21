from __future__ import annotations

import numpy as np
import pytest

from training.evaluate import truth_of
from training.judging.kinds import LEVELS, worn
from training.samples.portraits import Portrait


def test_wear_is_fixed_by_level_portrait_and_redraw(portraits: list[Portrait]) -> None:
    truth = truth_of(portraits[0])
    assert truth.shape == (512, 512, 3)
    one, again = worn(truth, "medium", 3), worn(truth, "medium", 3)
    assert np.array_equal(one, again)
    for other in (worn(truth, "medium", 4), worn(truth, "mild", 3), worn(truth, "medium", 3, 1)):
        assert not np.array_equal(one, other)


def test_levels_get_worse(portraits: list[Portrait]) -> None:
    truth = truth_of(portraits[0])
    errors = [
        np.mean([np.square(worn(truth, level, i).astype(float) - truth).mean() for i in range(3)])
        for level in LEVELS
    ]
    assert errors[0] < errors[1] < errors[2]


def test_unknown_levels_are_refused(portraits: list[Portrait]) -> None:
    with pytest.raises(KeyError):
        worn(truth_of(portraits[0]), "awful", 0)
