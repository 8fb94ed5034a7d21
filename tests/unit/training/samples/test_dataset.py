from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from training.samples.averaging import averaged
from training.samples.dataset import LEVELS, TrainingPairs, ValidationPairs
from training.samples.degradations import Severity, degrade, draw_severity
from training.samples.portraits import Portrait, load_portraits
from training.samples.softening import resolved, soften

MARKS = np.array([[202.0, 243.0], [309.0, 242.0], [252.0, 318.0], [202.0, 352.0], [318.0, 353.0]])


def test_a_sample_is_a_function_of_seed_and_number(portraits: list[Portrait]) -> None:
    pairs, again = (TrainingPairs(portraits, 100, seed=4) for _ in range(2))
    other = TrainingPairs(portraits, 100, seed=5)
    for index in (0, 7, 8, 9):
        first, second = pairs[index], again[index]
        for name in ("source", "truth", "landmarks"):
            assert torch.equal(first[name], second[name])
    assert not torch.equal(pairs[7]["truth"], other[7]["truth"])
    assert not torch.equal(pairs[8]["truth"], pairs[9]["truth"])


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
        clip = degrade([truth] * (1 + index % 3), severity, rng)
        assert len(clip) == 1 + index % 3
        for frame in clip:
            assert frame.shape[0] == frame.shape[1]
            assert frame.dtype == np.float32
            assert frame.min() >= 0
            assert frame.max() <= 1


def test_untouched_is_the_truth(portraits: list[Portrait]) -> None:
    truth = np.random.default_rng(0).random((512, 512, 3), dtype=np.float32)
    shown = averaged(truth, MARKS, Severity(1.0, 0.0), np.random.default_rng(1)).picture
    assert np.array_equal(shown, truth)
    assert torch.equal(*(ValidationPairs(portraits)[0][name] for name in ("source", "truth")))


def test_an_average_keeps_its_place_and_calms_noise() -> None:
    axis = np.arange(512, dtype=np.float32)
    wave = 0.5 + 0.3 * np.sin(axis / 20)[:, None, None] * np.sin(axis / 25)[None, :, None]
    truth = np.repeat(wave, 3, 2)
    shown = [
        averaged(truth, MARKS, Severity(2.5, 0.3), np.random.default_rng(seed)).picture
        for seed in range(12)
    ]
    inner = slice(60, -60)
    blurred = np.mean(shown, 0)[inner, inner] - truth[inner, inner]
    assert np.abs(blurred).mean() < 0.02, "brought back to where it was"


def test_samples_of_one_truth_differ_in_wear_alone(portraits: list[Portrait]) -> None:
    pairs = TrainingPairs(portraits, 6, seed=2, side=512)
    first, second, _, fourth = (pairs[index] for index in range(4))
    assert torch.equal(first["truth"], second["truth"])
    assert not torch.equal(first["source"], second["source"])
    assert not torch.equal(first["truth"], fourth["truth"])


def test_large_faces_have_a_frame_that_holds_their_truth(portraits: list[Portrait]) -> None:
    """Of the truth nothing is left that the frame's pixels could not show."""
    pairs, plain = (TrainingPairs(portraits, 12, 2, 512, large=part) for part in (1.0, 0.0))
    for index in range(0, 12, 3):
        pair = pairs[index]
        assert 512 / 538 <= float(pair["pixel"]) <= 512 / 235
        side = round(512 / float(pair["pixel"]))
        whole = plain[index]["truth"].permute(1, 2, 0).numpy().astype(np.float32) / 255
        held = resolved(whole, side)
        apart = pair["truth"].permute(1, 2, 0).numpy() / 255.0 - held
        assert np.abs(apart).mean() < 2 / 255


def test_the_frame_alone_shows_what_the_mean_over_frames_lost(portraits: list[Portrait]) -> None:
    pairs = TrainingPairs(portraits, 60, 3, 512)
    apart = []
    for index in range(0, 60, 3):
        pair = pairs[index]
        apart.append(float((pair["own"].float() - pair["source"].float()).abs().mean()))
    assert min(apart) == 0, "photos and what follows a cut are single frames"
    assert max(apart) > 0.5


@pytest.mark.parametrize("side", [128, 300])
def test_recordings_are_put_up_in_the_format_of_the_frame(side: int) -> None:
    truth = np.random.default_rng(0).random((512, 512, 3), dtype=np.float32)
    for index in range(12):
        severity = Severity(4.0, 0.5, frame=side)
        (worn,) = degrade([truth], severity, np.random.default_rng(index))
        assert worn.shape[0] >= side  # a camera's history may enlarge once more
    shown = averaged(truth, MARKS, severity, np.random.default_rng(0))
    assert shown.pixel <= 512 / side


def test_softened_truths_lose_what_is_fine(portraits: list[Portrait]) -> None:
    draws = np.random.default_rng(5)
    fine = draws.random((512, 512, 3), dtype=np.float32)
    assert soften(fine, 0.0, draws) is fine
    for _ in range(6):
        soft = soften(fine, 1.0, draws)
        assert soft.shape == fine.shape
        assert 0 <= soft.min() <= soft.max() <= 1
        assert np.diff(soft, axis=0).std() < 0.9 * np.diff(fine, axis=0).std()


def test_severities_cover_the_range_and_leave_some_untouched() -> None:
    drawn = [draw_severity(np.random.default_rng(index)) for index in range(500)]
    untouched = [severity for severity in drawn if severity.untouched]
    assert 25 <= len(untouched) <= 75
    reductions = np.array([severity.reduction for severity in drawn])
    assert reductions.max() > 10
    assert reductions.max() <= 12
    assert (reductions < 2.5).mean() > 0.3


def test_levels_get_worse(portraits: list[Portrait]) -> None:
    pairs = ValidationPairs(portraits * 3)
    errors = np.zeros(len(LEVELS))
    for index in range(len(pairs)):
        pair = pairs[index]
        apart = (pair["source"].float() - pair["truth"].float()).square().mean()
        errors[index % len(LEVELS)] += float(apart)
    assert errors[0] == 0
    assert errors[1] < errors[2] < errors[3]


def test_a_missing_picture_is_named(portraits_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text((portraits_folder / "manifest.json").read_text())
    with pytest.raises(FileNotFoundError, match=r"p0\.png"):
        load_portraits(tmp_path, "train")
