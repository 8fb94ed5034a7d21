from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from training import export, pool, train
from training.learning.loop import save
from training.learning.losses import coarse_error, detail_gap, feature_weights, mean_squares
from training.learning.trainer import Recipe, Trainer, draw_windows
from training.pool import Stint
from vidrestore.restore.gpen.checkpoint import read_checkpoint
from vidrestore.restore.gpen.shape import GpenShape

CPU = torch.device("cpu")
SHAPE = GpenShape((8, 8, 8, 8, 8), style_width=8, mapping_depth=1)
STINTS = (Stint(2, 32, 2, 2, 4), Stint(3, 64, 1), Stint(4, 64, 1, energy=0.5))
MARKS = torch.tensor([[[25.25, 30.25], [38.5, 30], [32, 40], [26.5, 45.75], [37.5, 45.75]]])


def pictures(seed: int, count: int, side: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, 3, side, side), generator=generator).to(torch.uint8)


def batch(step: int) -> dict[str, torch.Tensor]:
    stint = next(s for s in STINTS if step < s.until)
    source, truth = (pictures(seed, stint.count, stint.side) for seed in (step, step + 100))
    return {"source": source, "truth": truth}


def trainer(**changes: object) -> Trainer:
    recipe = Recipe(SHAPE, STINTS, **changes)  # type: ignore[arg-type]
    return Trainer(recipe, CPU, torch.float32, pictures(7, 2, 64))


def parameters(learner: Trainer) -> list[torch.Tensor]:
    return [*learner.network.parameters(), *learner.average.parameters()]


@pytest.mark.parametrize("stopped", [1, 2, 3])
def test_a_resumed_run_takes_the_same_steps(stopped: int, tmp_path: Path) -> None:
    one, other = trainer(), trainer()
    for step in range(4):
        if step == stopped:
            save(one.state(), tmp_path / "last.pt")
        one.step(batch(step))
    other.resume(torch.load(tmp_path / "last.pt", weights_only=True))
    for step in range(stopped, 4):
        other.step(batch(step))
    for mine, theirs in zip(parameters(one), parameters(other), strict=True):
        assert torch.equal(mine, theirs)


def test_samples_are_counted_by_their_pixels() -> None:
    learner = trainer()
    for steps, expected in ((0, 0), (2, 1), (3, 2), (4, 3)):
        learner.steps = steps
        assert learner.samples == expected


def test_it_learns_what_repeats() -> None:
    learner = trainer()
    source = pictures(1, 2, 32)
    seen = {"source": source, "truth": (source.float() * 0.9).to(torch.uint8)}
    learner.recipe = Recipe(
        SHAPE, (Stint(1000, 32, 2, 2, 4, rate=3e-3),), warm_up=1, decay_from=900
    )
    gains = [float(learner.step(seen)["gain"]) for _ in range(60)]
    assert gains[0] == pytest.approx(0)
    assert gains[-1] > 1


def test_the_rate_warms_up_and_falls() -> None:
    learner = trainer(warm_up=2, decay_from=2)
    rates = []
    for steps in range(5):
        learner.steps = steps
        rates.append(learner.rate() / 1e-3)
    assert rates[:3] == [0.5, 1, 1]
    assert rates[3] == pytest.approx(0.51)
    assert rates[4] == pytest.approx(0.02)


def test_a_run_writes_what_it_needs_and_goes_on(portraits_folder: Path, tmp_path: Path) -> None:
    shared = ["--portraits", str(portraits_folder)]
    pool.main([*shared, "--out", str(tmp_path / "pool"), "--count", "2"])
    run = tmp_path / "run"
    command = [*shared, "--pool", str(tmp_path / "pool"), "--run", str(run)]
    command += ["--narrow", "0.125", "--style-width", "8", "--mapping-depth", "1"]
    command += [
        "--log-every",
        "1",
        "--device",
        "cpu",
        "--judge-every",
        "5",
        "--validate",
        "1",
        "--warm-up",
        "1",
    ]
    first = "until=1,side=64,count=1,lowest=3,margin=4"
    train.main([*command, "--stint", first])
    train.main([*command, "--stint", first, "--stint", "until=2,count=1"])
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [row["samples"] for row in rows if "total" in row] == [0, 1]
    assert (run / "sheet.png").exists()
    out = tmp_path / "model.safetensors"
    export.main([str(run / "last.pt"), str(out)])
    exported = read_checkpoint(out).build()
    averaged = export.load_run(run / "last.pt")
    for mine, theirs in zip(exported.parameters(), averaged.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=2e-3, atol=1e-4)


def test_places_count_in_mean_squares_by_their_weights() -> None:
    difference, weights = torch.zeros(2, 3, 64, 64), torch.zeros(64, 64)
    difference[1, :, :32], weights[:16] = 0.5, 4.0
    assert mean_squares(difference, weights).tolist() == [0.0, 0.25]


def test_errors_of_means_are_told_in_parts_of_the_sources() -> None:
    truth = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    even, dark = torch.ones(64, 64), truth - 0.2
    assert coarse_error(truth, dark, truth, even).item() == 0
    assert coarse_error(truth - 0.1, dark, truth, even).item() == pytest.approx(0.25, rel=0.01)
    assert coarse_error(dark, truth, truth, even).item() == pytest.approx(0.04 / 2e-4, rel=0.01)
    checked = torch.ones(64, 64)
    checked[::2] = -1
    assert coarse_error(truth + 0.3 * checked, dark, truth, even).item() < 1e-6


def test_detail_is_asked_for_where_it_is_missing_and_where_it_is_too_much() -> None:
    truth = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    even = torch.ones(64, 64)
    right, soft, harsh, flat = (
        float(detail_gap(x, truth, even))
        for x in (0.9 * truth, 0.5 * truth, 1.3 * truth, 0 * truth)
    )
    assert right < 0.01
    assert right < soft < flat
    assert harsh > 0.3
    left = torch.ones(64, 64)
    left[:, 32:] = 0
    half = torch.cat((0.9 * truth[..., :32], 0 * truth[..., 32:]), dim=3)
    assert float(detail_gap(half, truth, left)) < 0.2 * float(detail_gap(half, truth, even))


def test_eyes_and_mouth_count_more() -> None:
    marks = MARKS
    weights = feature_weights(marks, 64, 64)[0, 0]
    assert weights[30, 25] > 3 * weights[2, 2]
    assert 0.7 < float(weights.mean()) < 1.3


def test_a_run_goes_on_from_weights_and_from_half_the_size() -> None:
    start = trainer().average.fold()
    again = Trainer(Recipe(SHAPE, STINTS), CPU, torch.float32, pictures(7, 2, 64), start)
    assert torch.equal(again.network.constant, start.constant)
    larger = GpenShape((*SHAPE.widths, 9), style_width=8, mapping_depth=1)
    stints = (Stint(2, 128, 2),)
    grown = Trainer(Recipe(larger, stints), CPU, torch.float32, pictures(7, 2, 128), start)
    grown.step({name: pictures(1, 2, 128) for name in ("source", "truth")})
    assert grown.network.shape == larger
    other = GpenShape((*SHAPE.widths[:-1], 12), style_width=8, mapping_depth=1)
    with pytest.raises(ValueError, match="does not begin"):
        Trainer(Recipe(other, STINTS), CPU, torch.float32, pictures(7, 2, 64), start)


def test_windows_lie_in_the_crop_and_on_the_features() -> None:
    corners, side = draw_windows(400, 256, np.random.default_rng(0))
    assert side == (96, 128)
    assert (corners % 8 == 0).all()
    assert (corners >= 0).all()
    assert (corners[:, 0] <= 256 - side[0]).all()
    assert (corners[:, 1] <= 256 - side[1]).all()
    eyes = ((corners[:, 0] < 110) & (corners[:, 0] + side[0] > 130)).float().mean()
    assert eyes > 0.45


def test_a_step_in_windows_changes_the_finer_octaves_alone() -> None:
    shape = GpenShape((8, 8, 8, 8, 8, 8, 8), style_width=8, mapping_depth=1)
    stints = (Stint(2, 256, 2, windows=1, energy=0.4),)
    learner = Trainer(Recipe(shape, stints), CPU, torch.float32, pictures(7, 2, 256))
    before = {name: p.clone() for name, p in learner.network.named_parameters()}
    learner.step({"source": pictures(1, 2, 256), "truth": pictures(2, 2, 256)})
    changed = {n for n, p in learner.network.named_parameters() if not torch.equal(p, before[n])}
    assert "to_rgb.6" in changed
    assert not any(name.startswith(("doubling.0", "first", "constant")) for name in changed)
