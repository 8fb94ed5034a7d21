from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from training.learning import loop

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


class Counting:
    """A learner that only counts; its loss is what it is told."""

    def __init__(self, loss: float = 1.0, steps: int = 0) -> None:
        self.loss, self.steps, self.device, self.batch = loss, steps, CPU, 2
        self.average = torch.nn.Identity()

    @property
    def samples(self) -> int:
        return self.steps * self.batch

    def rate(self) -> float:
        return 0.5

    def step(self, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        self.steps += 1
        terms = {"total": torch.tensor(self.loss * self.steps)}
        return terms | ({"rare": torch.tensor(4.0)} if self.steps % 2 else {})

    def state(self) -> dict[str, Any]:
        return {"steps": self.steps}


def arguments(portraits: Path, folder: Path, samples: int) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    loop.add_arguments(parser)
    command = ["--portraits", str(portraits), "--run", str(folder), "--workers", "0"]
    args = parser.parse_args([*command, "--validate", "1", "--log-every", "2"])
    args.samples = samples
    return args


def train(learner: Counting, args: argparse.Namespace) -> None:
    def batches() -> Iterator[dict[str, torch.Tensor]]:
        made = range(args.samples // learner.batch)
        return ({"number": torch.tensor(number)} for number in made)

    loop.run(learner, args, batches)


def test_rows_tell_means_speed_and_waiting(portraits_folder: Path, tmp_path: Path) -> None:
    train(Counting(), arguments(portraits_folder, tmp_path, 8))
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    learned = [row for row in rows if "total" in row]
    assert [row["samples"] for row in learned] == [4, 8]
    assert [row["total"] for row in learned] == [1.5, 3.5]
    assert [row["rare"] for row in learned] == [4, 4], "a mean over the steps that had it"
    assert all(0 <= row["waited"] <= 1 and row["per_second"] > 0 for row in learned)
    assert sum("validation" in row for row in rows) == 2
    assert torch.load(tmp_path / "last.pt") == {"steps": 4}


def test_a_loss_that_is_no_number_ends_the_run(portraits_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="the loss is nan after 4 samples"):
        train(Counting(float("nan")), arguments(portraits_folder, tmp_path, 8))


def test_a_gpu_gets_all_cores_but_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)
    assert loop.pick_workers(-1, CUDA) == 15
    assert loop.pick_workers(-1, CPU) == 0
    assert loop.pick_workers(2, CPU) == 2
    assert loop.pick_workers(3, CUDA) == 3


def test_the_best_state_is_kept_over_restarts(tmp_path: Path) -> None:
    for scores in ((1.0, 3.0, 2.0), (2.5, 4.0)):
        best = loop._Best(tmp_path)
        for score in scores:
            best.offer(score, {"score": score})
        kept = torch.load(tmp_path / "best.pt", weights_only=True)
        assert kept["score"] == max(scores)
    loop._Best(tmp_path).offer(3.9, {"score": 3.9})
    assert torch.load(tmp_path / "best.pt", weights_only=True)["score"] == 4.0
