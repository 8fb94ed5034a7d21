"""The best part of a change is told from three errors."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.best_part import Parabola, main

RANDOM = np.random.default_rng(1)
SOURCE, TRUTH = RANDOM.normal(0, 20, (2, 5000))


def psnr(picture: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / ((picture - TRUTH) ** 2).mean()))


@given(st.floats(0.1, 3.0), st.floats(0.1, 0.9))
def test_a_change_that_is_too_small_or_too_large_is_told(best: float, part: float) -> None:
    change = (TRUTH - SOURCE + RANDOM.normal(0, 1, TRUTH.shape)) / best
    found = Parabola.through(*(psnr(SOURCE + p * change) for p in (0.0, part, 1.0)), part)
    assert found.best == pytest.approx(best, abs=0.02)
    gained = psnr(SOURCE + best * change) - psnr(SOURCE + change)
    assert found.gain(best) == pytest.approx(gained, abs=0.05)


def test_clips_and_kinds_are_told(tmp_path, capsys) -> None:
    figures = tmp_path / "figures.json"
    change = (TRUTH - SOURCE + RANDOM.normal(0, 3, TRUTH.shape)) / 2
    methods = {"input": 0.0, "half": 0.5, "ours": 1.0}
    clip = {name: {"psnr": psnr(SOURCE + part * change)} for name, part in methods.items()}
    figures.write_text(json.dumps({"clips": {"mild/moving/a": clip, "heavy/moving/b": {}}}))
    main([str(figures)])
    out = capsys.readouterr().out
    assert float(out.split()[1]) == pytest.approx(2, abs=0.1)
    assert "mild: the best part of each" in out
    assert "heavy" not in out
    with pytest.raises(SystemExit):
        main([str(figures), "--variant", "third"])
