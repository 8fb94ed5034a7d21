from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from training.dataset import LEVELS, TrainingPairs, ValidationPairs
from training.degradations import Severity, degrade, draw_severity, to_crop
from training.portraits import Portrait, load_portraits


def test_a_sample_is_a_function_of_seed_and_number(portraits: list[Portrait]) -> None:
    pairs, again = (TrainingPairs(portraits, 100, seed=4) for _ in range(2))
    other = TrainingPairs(portraits, 100, seed=5)
    for index in (0, 7, 8, 9):
        first, second = pairs[index], again[index]
        for name in ("source", "truth", "landmarks"):
            assert torch.equal(first[name], second[name])
    assert not torch.equal(pairs[7]["truth"], other[7]["truth"])
    assert not torch.equal(pairs[7]["truth"], pairs[8]["truth"])


def test_samples_have_the_shapes_that_training_takes(portraits: list[Portrait]) -> None:
    pair = TrainingPairs(portraits, 1, seed=1)[0]
    assert pair["source"].shape == pair["truth"].shape == (3, 256, 256)
    assert pair["source"].dtype == pair["truth"].dtype == torch.uint8
    left, right = pair["landmarks"][0, 0], pair["landmarks"][1, 0]
    assert left < right, "left and right are as seen, mirrored or not"


def test_every_history_runs_at_every_severity() -> None:
    truth = np.random.default_rng(0).random((512, 512, 3), dtype=np.float32)
    for index in range(40):
        rng = np.random.default_rng(index)
        severity = Severity(float(rng.uniform(1, 12)), float(rng.uniform(0, 1)))
        source = degrade(truth, severity, rng)
        assert source.shape == (256, 256, 3)
        assert source.dtype == np.float32
        assert source.min() >= 0
        assert source.max() <= 1


def test_untouched_is_the_truth() -> None:
    truth = np.random.default_rng(0).random((512, 512, 3), dtype=np.float32)
    source = degrade(truth, Severity(1.0, 0.0), np.random.default_rng(1))
    assert np.array_equal(source, to_crop(truth))


def test_severities_cover_the_range_and_leave_some_untouched() -> None:
    drawn = [draw_severity(np.random.default_rng(index)) for index in range(500)]
    untouched = [severity for severity in drawn if severity.untouched]
    assert 25 <= len(untouched) <= 75
    reductions = np.array([severity.reduction for severity in drawn])
    assert reductions.max() > 10
    assert reductions.max() <= 12
    assert (reductions < 2.5).mean() > 0.3


def test_levels_get_worse(portraits: list[Portrait]) -> None:
    pairs = ValidationPairs(portraits)
    errors = []
    for index in range(len(LEVELS)):
        pair = pairs[index]
        errors.append(float((pair["source"].float() - pair["truth"].float()).square().mean()))
    assert errors[0] == 0
    assert errors[1] < errors[2] < errors[3]


def test_a_missing_picture_is_named(portraits_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text((portraits_folder / "manifest.json").read_text())
    with pytest.raises(FileNotFoundError, match=r"p0\.png"):
        load_portraits(tmp_path, "train")
