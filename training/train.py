"""Train the default model.

    python -m training.train --portraits PORTRAITS --run training/runs/first

The same command goes on where a run stopped. ``--samples`` may be raised then. Each sample is a
pure function of the seed and its number, so a run that was stopped and one that was not see the
same samples.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from training.dataset import TrainingPairs, ValidationPairs
from training.losses import LossWeights
from training.portraits import load_portraits
from training.trainer import LocalRecipe, Recipe, Trainer, save
from training.validation import Validation
from vidrestore.restore.allocator import keep_freed_memory
from vidrestore.restore.shape import GpenShape


def batches(pairs: TrainingPairs, trainer: Trainer, workers: int) -> Iterator[dict[str, Tensor]]:
    """The samples not yet seen, in order."""
    rest = Subset(pairs, range(trainer.samples, len(pairs)))  # type: ignore[arg-type]
    return iter(
        DataLoader(
            rest,
            batch_size=trainer.recipe.batch,
            num_workers=workers,
            prefetch_factor=4 if workers else None,
            pin_memory=trainer.device.type == "cuda",
            drop_last=True,
        )
    )


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


def run(
    trainer: Trainer, pairs: TrainingPairs, validation: Validation, args: argparse.Namespace
) -> None:
    """Train to the end of the recipe, writing log, checkpoints and sheets into the run's folder."""
    folder: Path = args.run

    def note(row: dict[str, Any]) -> None:
        with (folder / "log.jsonl").open("a") as log:
            log.write(json.dumps(row) + "\n")

    def judge() -> None:
        results = validation.restore(trainer.average)
        row = {"samples": trainer.samples, "validation": validation.figures(results)}
        note(row)
        print(json.dumps(row), flush=True)
        validation.sheet(results, folder / "sheet.png")
        save(trainer.state(), folder / "last.pt")

    judge()
    sums: dict[str, float] = {}
    began, since = time.monotonic(), 0
    for batch in batches(pairs, trainer, args.workers):
        terms = trainer.step(batch)
        since += 1
        for name, term in terms.items():
            sums[name] = sums.get(name, 0.0) + float(term)
        if trainer.steps % args.log_every == 0:
            elapsed = time.monotonic() - began
            row: dict[str, Any] = {"samples": trainer.samples, "rate": round(trainer.rate(), 6)}
            row["per_second"] = round(since * trainer.recipe.batch / elapsed, 2)
            row |= {name: round(total / since, 5) for name, total in sums.items()}
            if not math.isfinite(row["total"]):
                raise SystemExit(f"the loss is {row['total']} after {trainer.samples} samples")
            note(row)
            sums, began, since = {}, time.monotonic(), 0
        if trainer.steps % args.judge_every == 0:
            judge()
            began = time.monotonic()
    judge()
    print(f"done: {trainer.samples} samples", flush=True)


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--portraits", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument("--run", type=Path, required=True, help="folder of this run")
    parser.add_argument("--start", type=Path, help="checkpoint of another run to begin with")
    parser.add_argument("--samples", type=int, default=500_000)
    parser.add_argument("--decay-from", type=int, default=None, help="default: 70 %% of --samples")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--average", type=float, default=300.0, help="steps")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--narrow", type=float, default=0.25)
    parser.add_argument("--multiplier", type=int, default=1)
    parser.add_argument("--style-width", type=int, default=256)
    parser.add_argument("--mapping-depth", type=int, default=2)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--precision", default="auto", choices=["auto", "float32", "bfloat16"])
    parser.add_argument("--threads", type=int, default=0, help="of torch; 0 leaves it the choice")
    parser.add_argument("--workers", type=int, default=1, help="processes that make samples")
    parser.add_argument("--log-every", type=int, default=25, help="steps")
    parser.add_argument("--judge-every", type=int, default=500, help="steps")
    parser.add_argument("--validate", type=int, default=12, help="validation portraits watched")
    for name, value in asdict(LocalRecipe()).items():
        parser.add_argument(f"--local-{name}", type=int, default=value)
    for name, value in asdict(LossWeights()).items():
        parser.add_argument(f"--loss-{name}", type=float, default=value)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Train from the command line."""
    args = parse(argv)
    keep_freed_memory()
    cv2.setNumThreads(1)  # its thread pool does not survive the fork of the sample makers
    if args.threads:
        torch.set_num_threads(args.threads)
    args.run.mkdir(parents=True, exist_ok=True)
    shape = GpenShape.published(
        args.size,
        multiplier=args.multiplier,
        narrow=args.narrow,
        style_width=args.style_width,
        mapping_depth=args.mapping_depth,
    )
    recipe = Recipe(
        shape,
        batch=args.batch,
        rate=args.rate,
        decay_from=int(0.7 * args.samples) if args.decay_from is None else args.decay_from,
        samples=args.samples,
        average=args.average,
        seed=args.seed,
        weights=LossWeights(**{n: getattr(args, f"loss_{n}") for n in asdict(LossWeights())}),
        local=LocalRecipe(**{n: getattr(args, f"local_{n}") for n in asdict(LocalRecipe())}),
    )
    device = pick_device(args.device)
    trainer = Trainer(recipe, device, pick_precision(args.precision, device))
    last = args.run / "last.pt"
    if last.exists():
        trainer.resume(torch.load(last, map_location=device, weights_only=True))
    elif args.start:
        trainer.start_from(torch.load(args.start, map_location=device, weights_only=True))
    (args.run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1) + "\n")
    pairs = TrainingPairs(load_portraits(args.portraits, "train"), args.samples, args.seed)
    judged = ValidationPairs(load_portraits(args.portraits, "validation", args.validate))
    run(trainer, pairs, Validation(judged, device), args)


if __name__ == "__main__":
    main()
