from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch

from vidrestore.config import RestoreConfig
from vidrestore.restore import engine, load_restorer
from vidrestore.restore.gate import LEAST_AGREEMENT, agreement, trial_crops


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


def test_bfloat16_is_kept_where_it_agrees() -> None:
    loaded = load_restorer(RestoreConfig(device="cpu", precision="bfloat16"))
    assert loaded.precision == "bfloat16"
    assert loaded.warnings == ()


def test_what_disagrees_falls_back_to_float32_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    true = engine.GpenRestorer.restore

    def coarse(self, crops):
        error = 1000 if self._dtype == torch.bfloat16 else 0
        return true(self, crops) // 2 + np.uint16(error)

    monkeypatch.setattr(engine.GpenRestorer, "restore", coarse)
    loaded = load_restorer(RestoreConfig(device="cpu", precision="bfloat16"))
    assert loaded.precision == "float32"
    (warning,) = loaded.warnings
    told = re.match(r"bfloat16 agrees with float32 at (\d+\.\d) dB", warning)
    assert told
    assert float(told[1]) < LEAST_AGREEMENT
