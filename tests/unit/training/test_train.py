from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from training import export, fit, train
from training.forms import Forms
from training.losses import LossWeights, feature_weights, losses
from training.run import save
from training.trainer import LocalRecipe, Recipe, Trainer
from vidrestore.restore.checkpoint import read_checkpoint
from vidrestore.restore.shape import GpenShape

CPU = torch.device("cpu")
SHAPE = GpenShape((8, 8, 8, 8, 6), style_width=8, mapping_depth=1)


def recipe(**changes: object) -> Recipe:
    return Recipe(SHAPE, **{"batch": 1, "rate": 1e-3, "samples": 8, **changes})  # type: ignore[arg-type]


def batch(seed: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    pictures = torch.randint(0, 256, (2, 1, 3, 64, 64), generator=generator).to(torch.uint8)
    marks = torch.tensor([[[101.0, 121], [154, 121], [128, 160], [106, 183], [150, 183]]])
    return {"source": pictures[0], "truth": pictures[1], "landmarks": marks / 4}


def parameters(trainer: Trainer) -> list[torch.Tensor]:
    return [*trainer.network.parameters(), *trainer.average.parameters()]


@pytest.mark.parametrize("local", [0, 8])
def test_a_resumed_run_takes_the_same_next_step(local: int, tmp_path: Path) -> None:
    settings = recipe(local=LocalRecipe(until=local, coarsest=16, side=32, count=1))
    one = Trainer(settings, CPU, torch.float32)
    one.step(batch(1))
    save(one.state(), tmp_path / "last.pt")
    one.step(batch(2))
    other = Trainer(settings, CPU, torch.float32)
    other.resume(torch.load(tmp_path / "last.pt", weights_only=True))
    assert other.samples == 1
    other.step(batch(2))
    for mine, theirs in zip(parameters(one), parameters(other), strict=True):
        assert torch.equal(mine, theirs)


def test_the_rate_warms_up_and_falls() -> None:
    trainer = Trainer(recipe(warm_up=2, decay_from=4), CPU, torch.float32)
    rates = []
    for steps in range(9):
        trainer.steps = steps
        rates.append(trainer.rate() / trainer.recipe.rate)
    assert rates[:5] == [0.5, 1, 1, 1, 1]
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert rates[-1] == pytest.approx(0.02)


def test_a_run_writes_what_it_needs_and_goes_on(portraits_folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    command = ["--portraits", str(portraits_folder), "--run", str(run), "--batch", "1"]
    command += ["--narrow", "0.1", "--style-width", "8", "--mapping-depth", "1", "--workers", "0"]
    command += ["--log-every", "1", "--device", "cpu", "--judge-every", "5"]
    train.main([*command, "--samples", "1"])
    train.main([*command, "--samples", "2"])
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [row["samples"] for row in rows if "total" in row] == [1, 2]
    assert (run / "sheet.png").exists()
    out = tmp_path / "model.safetensors"
    export.main([str(run / "last.pt"), str(out)])
    exported = read_checkpoint(out).build()
    averaged = export.load_run(run / "last.pt")
    for mine, theirs in zip(exported.parameters(), averaged.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=2e-3, atol=1e-4)


def test_fitting_gains_on_what_it_learned_from(portraits_folder: Path, tmp_path: Path) -> None:
    command = ["--portraits", str(portraits_folder), "--run", str(tmp_path), "--samples", "12"]
    command += ["--steps", "100", "--boost", "0", "--workers", "0", "--device", "cpu"]
    fit.main([*command, "--style-width", "16", "--mapping-depth", "1"])
    forms = Forms(**torch.load(tmp_path / "forms.pt", weights_only=True))
    nothing = torch.zeros_like(forms.vector)
    torch.testing.assert_close(forms.errors(nothing), forms.error)
    assert (tmp_path / "last.pt").exists()


def test_losses_are_nought_for_the_truth_and_grow_with_error() -> None:
    truth = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    marks = batch(0)["landmarks"].expand(2, -1, -1)
    none = losses(truth, truth, marks, 64, LossWeights())["total"]
    some = losses(truth * 0.9, truth, marks, 64, LossWeights())["total"]
    more = losses(truth * 0.5, truth, marks, 64, LossWeights())["total"]
    assert none.abs().max() < 1e-6
    assert (some > none).all()
    assert (more > some).all()


def test_eyes_and_mouth_count_more() -> None:
    marks = batch(0)["landmarks"]
    weights = feature_weights(marks, 64, 64)[0, 0]
    assert weights[30, 25] > 3 * weights[2, 2]
    assert 0.7 < float(weights.mean()) < 1.3
