from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch

from vidrestore.datatypes import Image
from vidrestore.restore.running.gate import LEAST_AGREEMENT, agreeing, agreement, trial_crops
from vidrestore.restore.running.restorer import BatchRestorer


def test_the_crops_are_the_same_on_every_call_and_fill_the_range() -> None:
    crops = trial_crops(64)
    assert crops.shape == (2, 64, 64, 3)
    assert crops.dtype == np.uint16
    assert np.array_equal(crops, trial_crops(64))
    assert crops.min() < 10_000
    assert crops.max() > 55_000


def test_agreement_is_a_psnr() -> None:
    crops = np.full((1, 8, 8, 3), 30_000, np.uint16)
    assert agreement(crops, crops) == math.inf
    assert agreement(crops, crops + 655) == pytest.approx(40.0, abs=0.01)


class Darker(BatchRestorer):
    """Restores nothing, and is off by a number of 16-bit levels."""

    def __init__(self, precision: str, off: int = 0) -> None:
        super().__init__(32, torch.device("cpu"), precision, 4)
        self.off = off

    def _restore_batch(self, crops: Image) -> Image:
        return crops // 2 + np.uint16(self.off)


def test_what_agrees_is_kept() -> None:
    chosen = Darker("bfloat16", 100)
    assert agreeing(chosen, lambda: Darker("float32")) == (chosen, ())


def test_what_disagrees_falls_back_to_float32_and_says_so() -> None:
    exact = Darker("float32")
    kept, (warning,) = agreeing(Darker("tf32", 1000), lambda: exact)
    assert kept is exact
    told = re.match(r"tf32 agrees with float32 at (\d+\.\d) dB", warning)
    assert told
    assert float(told[1]) == pytest.approx(20 * math.log10(65535 / 1000), abs=0.05)
    assert float(told[1]) < LEAST_AGREEMENT
    assert warning.endswith("in float32 on cpu")


def test_float32_needs_no_trial() -> None:
    chosen = Darker("float32", 1000)
    assert agreeing(chosen, lambda: pytest.fail("made twice")) == (chosen, ())
