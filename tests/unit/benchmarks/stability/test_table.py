from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.stability.stages import Kept, source_hash
from benchmarks.stability.table import summary


def test_ratios_are_the_variant_over_per_frame_and_unknown_values_do_not_count() -> None:
    results = {
        "a": {
            "per-frame": {"jitter": 4.0, "PSNR": 20.0, "lag": math.nan, "settled": 0.0},
            "default": {"jitter": 1.0, "PSNR": 21.0, "lag": math.nan, "settled": -0.2},
        },
        "b": {
            "per-frame": {"jitter": 4.0, "PSNR": 22.0, "lag": 0.0, "settled": math.nan},
            "default": {"jitter": 2.0, "PSNR": 22.0, "lag": 0.1, "settled": math.nan},
        },
    }
    told = summary(results, "default")
    assert told["jitter"] == pytest.approx(3 / 8)
    assert told["PSNR"] == pytest.approx(0.5)
    assert told["lag"] == pytest.approx(0.1)
    assert told["settled"] == pytest.approx(-0.2)
    assert "boil" not in told


def test_what_is_kept_is_made_once_and_anew_when_anything_differs(tmp_path) -> None:
    made = []

    def make() -> dict[str, np.ndarray]:
        made.append(1)
        return {"x": np.arange(3)}

    kept = Kept(tmp_path)
    for depends in (["a"], ["a"], ["b"]):
        np.testing.assert_array_equal(kept.get(depends, make)["x"], [0, 1, 2])
    assert len(made) == 2
    assert not list(tmp_path.glob("*.part"))


def test_source_hash_sees_every_change(tmp_path) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "one.py").write_text("a = 1\n")
    first = source_hash(["part"], tmp_path)
    assert first == source_hash(["part"], tmp_path)
    (tmp_path / "part" / "one.py").write_text("a = 2\n")
    assert first != source_hash(["part"], tmp_path)
