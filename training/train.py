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
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from training.dataset import TrainingPairs, ValidationPairs
from training.identity import hold_copy, start_as_identity
from training.local import cut_off, draw_patches, restore_patches
from training.losses import LossWeights, losses
from training.portraits import load_portraits
from training.validation import Validation, to_unit
from vidrestore.restore.allocator import keep_freed_memory
from vidrestore.restore.network import Gpen
from vidrestore.restore.shape import GpenShape

_LEAST_COST = 0.03
"""Added to a sample's cost before its loss is divided by it, so that untouched ones stay finite."""


_LEAST_STRENGTH = 0.02
"""Root mean square that a tensor is taken to have at least when steps are measured out."""


@dataclass(frozen=True, slots=True)
class LocalRecipe:
    """The first part of a run, on patches; see local.py.

    Attributes:
        until: sample from which whole faces are seen.
        coarsest: side of the lowest octave that learns before.
        side: of a patch, px.
        count: patches of each sample.
        margin: px at a patch's border that are not judged, as the network misses what lies beyond.
    """

    until: int = 0
    coarsest: int = 32
    side: int = 96
    count: int = 4
    margin: int = 8


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what a run learns.

    Attributes:
        shape: of the network.
        batch: samples per step.
        rate: learning rate of Adam before warm-up and decay, relative to each tensor's strength.
        warm_up: steps over which the rate rises.
        decay_from: sample from which the rate falls linearly, to a fiftieth at ``samples``.
        samples: at which to stop.
        average: steps over which the moving average forgets.
        seed: of everything.
        weights: of the losses.
        local: patches or whole faces.
    """

    shape: GpenShape
    batch: int = 4
    rate: float = 2e-3
    warm_up: int = 50
    decay_from: int = 1_000_000
    samples: int = 1_000_000
    average: float = 300.0
    seed: int = 1
    weights: LossWeights = field(default_factory=LossWeights)
    local: LocalRecipe = field(default_factory=LocalRecipe)


class Trainer:
    """The network, its optimiser and its moving average, one step at a time.

    Args:
        recipe: what to learn.
        device: where.
        precision: type of the network's arithmetic; parameters stay float32.
    """

    def __init__(self, recipe: Recipe, device: torch.device, precision: torch.dtype) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.device, self.precision = recipe, device, precision
        self.network = Gpen(recipe.shape)
        start_as_identity(self.network)
        if recipe.local.until:
            cut_off(self.network, recipe.local.coarsest)
        self.network.to(device, memory_format=torch.channels_last)
        self.average = Gpen(recipe.shape).to(device, memory_format=torch.channels_last)
        self.average.load_state_dict(self.network.state_dict())
        self.average.requires_grad_(False)
        self.optimiser = self._new_optimiser()
        self.steps = 0

    @property
    def samples(self) -> int:
        """Samples seen."""
        return self.steps * self.recipe.batch

    def rate(self) -> float:
        """The learning rate of the next step."""
        recipe = self.recipe
        warm = min(1.0, (self.steps + 1) / recipe.warm_up)
        left = (recipe.samples - self.samples) / max(1, recipe.samples - recipe.decay_from)
        return recipe.rate * warm * min(1.0, max(0.02, left))

    def step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Learn from a batch; gives the loss terms."""
        local = self.samples < self.recipe.local.until
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate() * group["strength"]
        terms = (self._patch_losses if local else self._face_losses)(batch)
        self.optimiser.zero_grad(set_to_none=True)
        terms["loss"].backward()
        hold_copy(self.network)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.steps += 1
        self._follow()
        return {name: term.detach() for name, term in terms.items()}

    def _face_losses(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        source, truth = (to_unit(batch[name], self.device) for name in ("source", "truth"))
        landmarks = batch["landmarks"].to(self.device, non_blocking=True)
        with self.autocast():
            restored = self.network(source)
        face = truth.shape[-1]
        return self._terms(restored.float(), source, truth, landmarks, face)

    def _patch_losses(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        local = self.recipe.local
        patches = draw_patches(batch, local.side, local.count, (self.recipe.seed, self.steps))
        source, truth = (to_unit(patches[name], self.device) for name in ("source", "truth"))
        landmarks = patches["landmarks"].to(self.device) - local.margin
        with self.autocast():
            restored = restore_patches(self.network, source, local.coarsest)
        judged = slice(local.margin, local.side - local.margin)
        inner = [x[..., judged, judged] for x in (restored.float(), source, truth)]
        return self._terms(*inner, landmarks, batch["truth"].shape[-1])

    def _terms(
        self, restored: Tensor, source: Tensor, truth: Tensor, landmarks: Tensor, face: int
    ) -> dict[str, Tensor]:
        """The mean losses, what the input would have cost ("source"), and what to go down ("loss").

        A sample counts in proportion to how much it can gain: else the worst, of which little can
        be restored, would outweigh the rest.
        """
        terms = losses(restored, truth, landmarks, face, self.recipe.weights)
        with torch.no_grad():
            cost = losses(source, truth, landmarks, face, self.recipe.weights)["total"]
        means = {name: term.mean() for name, term in terms.items()}
        loss = (terms["total"] / (cost + _LEAST_COST)).mean()
        return {**means, "source": cost.mean(), "loss": loss}

    def autocast(self) -> Any:
        """The context in which the network runs."""
        if self.precision == torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, self.precision)

    @torch.no_grad()
    def _follow(self) -> None:
        share = max(1 / self.recipe.average, 1 / (self.steps + 1))
        own, followed = list(self.average.parameters()), list(self.network.parameters())
        torch._foreach_lerp_(own, followed, share)

    def state(self) -> dict[str, Any]:
        """Everything needed to go on; ``g_ema`` as in published training checkpoints."""
        return {
            "steps": self.steps,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "shape": asdict(self.recipe.shape),
        }

    def start_from(self, state: dict[str, Any]) -> None:
        """Begin with another run's averaged network."""
        self.network.load_state_dict(state["average"])
        self.average.load_state_dict(state["average"])
        self.optimiser = self._new_optimiser()

    def _new_optimiser(self) -> torch.optim.Adam:
        """Adam, whose steps are in proportion to each tensor's own strength.

        A built start holds tensors of very different strengths, and those at nought are meant to be
        small: equal steps would shake brightness and colour long before detail is learned.
        """
        groups = []
        for parameter in self.network.parameters():
            strength = float(parameter.detach().square().mean().sqrt())
            groups.append({"params": [parameter], "strength": max(strength, _LEAST_STRENGTH)})
        return torch.optim.Adam(groups, self.recipe.rate, (0.9, 0.99), fused=True)

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`."""
        self.steps = state["steps"]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])


def save(state: dict[str, Any], path: Path) -> None:
    """Write whole or not at all."""
    part = path.with_name(path.name + ".part")
    torch.save(state, part)
    part.replace(path)


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
