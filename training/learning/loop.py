"""What every training run does, whatever it learns: take samples, log, judge, save, go on.

A run's folder holds ``log.jsonl``; ``last.pt``, all it takes to go on; ``best.pt``, the same of the
time when validation said most (``validation.score``); ``sheet.png`` and ``curve.png`` to look at.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import cv2
import torch
from torch import Tensor, nn

from training.judging import curve
from training.judging.validation import Validation, score
from training.samples.dataset import ValidationPairs
from training.samples.degradations import SIZE
from training.samples.portraits import load_portraits
from vidrestore.restore.running.allocator import keep_freed_memory


class Learner(Protocol):
    """What takes one step at a time.

    Attributes:
        steps: taken so far.
        device: where it computes.
    """

    device: torch.device
    steps: int

    @property
    def average(self) -> nn.Module:
        """The averaged network, which is judged."""
        ...

    @property
    def batch(self) -> float:
        """Samples of the next step; patches count as the part of one that they are."""
        ...

    @property
    def samples(self) -> int:
        """Samples seen."""
        ...

    def rate(self) -> float:
        """The learning rate of the next step."""
        ...

    def step(self, batch: dict[str, Tensor], /) -> dict[str, Tensor]:
        """Learn from a batch; gives the terms to log, "total" among them."""
        ...

    def state(self) -> dict[str, Any]:
        """Everything needed to go on."""
        ...


def pick_device(name: str) -> torch.device:
    """``auto`` takes a GPU where there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def pick_precision(name: str, device: torch.device) -> torch.dtype:
    """``auto`` takes bfloat16 where the hardware computes in it."""
    if name != "auto":
        return torch.bfloat16 if name == "bfloat16" else torch.float32
    has = torch.cuda.is_bf16_supported() if device.type == "cuda" else _cpu_has_bfloat16()
    return torch.bfloat16 if has else torch.float32


def _cpu_has_bfloat16() -> bool:
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


def pick_workers(wanted: int, device: torch.device) -> int:
    """-1 takes every core but one for a GPU, and none on a CPU, which cuts batches as it learns."""
    if wanted >= 0:
        return wanted
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, (cores or 2) - 1) if device.type == "cuda" else 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The part of the command line that every run shares."""
    parser.add_argument("--portraits", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument("--run", type=Path, required=True, help="folder of this run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--precision", default="auto", choices=["auto", "float32", "bfloat16"])
    parser.add_argument("--threads", type=int, default=0, help="of torch; 0 leaves it the choice")
    parser.add_argument(
        "--workers", type=int, default=-1, help="processes that cut batches; -1: as many as fit"
    )
    parser.add_argument("--log-every", type=int, default=25, help="steps")
    parser.add_argument("--judge-every", type=int, default=500, help="steps")
    parser.add_argument("--validate", type=int, default=12, help="validation portraits watched")


def prepare(args: argparse.Namespace) -> None:
    """Set the process up for training and make the run's folder."""
    keep_freed_memory()
    cv2.setNumThreads(1)  # its thread pool does not survive the fork of the sample makers
    if args.threads:
        torch.set_num_threads(args.threads)
    args.run.mkdir(parents=True, exist_ok=True)


def run(
    learner: Learner,
    args: argparse.Namespace,
    batches: Callable[[], Iterator[dict[str, Tensor]]],
    size: int = SIZE,
) -> None:
    """Train to the last batch, writing log, checkpoints and sheets into the run's folder.

    Args:
        learner: takes the steps.
        args: of the command line that :func:`add_arguments` makes.
        batches: those not yet seen.
        size: side of the learner's crops.
    """
    watched = ValidationPairs(load_portraits(args.portraits, "validation", args.validate), size)
    validation = Validation(watched, learner.device)
    log = _Log(args.run / "log.jsonl")
    best = _Best(args.run)

    def judge() -> None:
        results = validation.restore(learner.average)
        figures = validation.figures(results)
        log.judged(learner, figures)
        validation.sheet(results, args.run / "sheet.png")
        curve.write(args.run / "log.jsonl", args.run / "curve.png")
        state = learner.state()
        best.offer(score(figures), state)
        save(state, args.run / "last.pt")

    judge()
    coming = batches()
    log.begin()
    for batch in coming:
        log.received()
        log.learned(learner.step(batch))
        if learner.steps % args.log_every == 0:
            log.write(learner)
            save(learner.state(), args.run / "last.pt")
        if learner.steps % args.judge_every == 0:
            judge()
            log.begin()
    judge()
    print(f"done: {learner.samples} samples", flush=True)


class _Best:
    """Keeps the state of the highest score, over restarts too."""

    def __init__(self, folder: Path) -> None:
        self._path, self._told = folder / "best.pt", folder / "best.json"
        self._score = -math.inf
        if self._told.exists() and self._path.exists():
            self._score = float(json.loads(self._told.read_text())["score"])

    def offer(self, score: float, state: dict[str, Any]) -> None:
        """Keep it if it is the best so far."""
        if score > self._score:
            self._score = score
            save(state, self._path)
            self._told.write_text(json.dumps({"score": score}) + "\n")


class _Log:
    """Means of the terms and the speed since the last row, as lines of JSON."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}
        self.begin()

    def begin(self) -> None:
        """Start the clocks anew."""
        self._since = 0
        self._waited = 0.0
        self._began = self._asked = time.monotonic()

    def received(self) -> None:
        """A batch has arrived."""
        self._waited += time.monotonic() - self._asked

    def learned(self, terms: dict[str, Tensor]) -> None:
        """Add a step's terms; they stay on their device, which goes on meanwhile."""
        for name, term in terms.items():
            self._sums[name] = self._sums[name] + term if name in self._sums else term
            self._counts[name] = self._counts.get(name, 0) + 1
        self._since += 1
        self._asked = time.monotonic()

    def write(self, learner: Learner) -> None:
        """A row of what was learned since the last one.

        ``waited`` is the part of the time in which the learner had no batch to learn from.

        Raises:
            SystemExit: the loss is no longer a number.
        """
        means = {name: float(s) / self._counts[name] for name, s in self._sums.items()}
        elapsed = max(time.monotonic() - self._began, 1e-9)
        row: dict[str, Any] = {"samples": learner.samples, "rate": round(learner.rate(), 6)}
        row["per_second"] = round(self._since * learner.batch / elapsed, 2)
        row["waited"] = round(self._waited / elapsed, 3)
        row |= {name: round(mean, 5) for name, mean in means.items()}
        if not math.isfinite(means["total"]):
            raise SystemExit(f"the loss is {means['total']} after {learner.samples} samples")
        self._append(row)
        self._sums, self._counts = {}, {}
        self.begin()

    def judged(self, learner: Learner, figures: dict[str, dict[str, float]]) -> None:
        """A row of what the averaged network does to the validation set."""
        row = {"samples": learner.samples, "validation": figures}
        self._append(row)
        print(json.dumps(row), flush=True)

    def _append(self, row: dict[str, Any]) -> None:
        with self._path.open("a") as log:
            log.write(json.dumps(row) + "\n")


def save(state: dict[str, Any], path: Path) -> None:
    """Write whole or not at all."""
    part = path.with_name(path.name + ".part")
    torch.save(state, part)
    part.replace(path)
