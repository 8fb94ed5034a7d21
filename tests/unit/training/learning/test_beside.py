"""What is held back has a truth of its own."""

from __future__ import annotations

import pytest

from training.learning.beside import learned_from
from training.samples.dataset import CUTS


@pytest.mark.parametrize("count", [4, 7, 8, 1313, 1500])
def test_no_truth_is_both_learned_from_and_held_back(count: int) -> None:
    learned = learned_from(count)
    assert 0 < learned < count
    assert (learned - 1) // CUTS < learned // CUTS
    assert count - learned < count / 8 + CUTS + 1


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(SystemExit, match="2 samples are too few"):
        learned_from(2)
