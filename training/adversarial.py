"""The second phase: train on against a discriminator and what face detectors see.

    python -m training.adversarial --portraits PORTRAITS --start training/runs/first/last.pt \
        --run training/runs/second

The same command goes on where a run stopped, to the last bit on a CPU. A GPU learns by the same
command; its sample makers then take every core but one.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.export import load_run
from training.learning.duel import Duel, DuelRecipe
from training.learning.loop import (
    add_arguments,
    new_samples,
    pick_device,
    pick_precision,
    pick_workers,
    prepare,
    run,
)
from training.learning.losses import LossWeights
from training.networks.adaptive import AdaptiveRecipe
from training.networks.plain import PlainGpen
from training.samples.dataset import TrainingPairs
from training.samples.portraits import load_portraits
from vidrestore.restore.gpen.checkpoint import read_checkpoint
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape

_APART = ("shape", "samples", "decay_from", "seed", "conditional", "weights", "adaptive")
"""Settings that are no plain number of the recipe, or stand on every run's command line."""


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_arguments(parser)
    parser.add_argument(
        "--start", type=Path, required=True, help="checkpoint of the first phase, or a weight file"
    )
    parser.add_argument("--samples", type=int, default=200_000)
    parser.add_argument("--decay-from", type=int, default=None, help="default: 70 %% of --samples")
    parser.add_argument("--conditional", action=argparse.BooleanOptionalAction, default=True)
    for setting in fields(DuelRecipe):
        if setting.name not in _APART:
            option = "--" + setting.name.replace("_", "-")
            parser.add_argument(option, type=type(setting.default), default=setting.default)
    for prefix, group in (("adaptive", AdaptiveRecipe()), ("loss", LossWeights())):
        for name, value in asdict(group).items():
            parser.add_argument(f"--{prefix}-{name}", type=type(value), default=value)
    return parser.parse_args(argv)


def recipe_of(args: argparse.Namespace, shape: GpenShape) -> DuelRecipe:
    """What the command line asks for."""
    given: dict[str, Any] = vars(args)
    numbers = {f.name: given[f.name] for f in fields(DuelRecipe) if f.name not in _APART}
    adaptive = {name: given[f"adaptive_{name}"] for name in asdict(AdaptiveRecipe())}
    weights = {name: given[f"loss_{name}"] for name in asdict(LossWeights())}
    return DuelRecipe(
        shape=shape,
        conditional=args.conditional,
        samples=args.samples,
        decay_from=int(0.7 * args.samples) if args.decay_from is None else args.decay_from,
        seed=args.seed,
        adaptive=AdaptiveRecipe(**adaptive),
        weights=LossWeights(**weights),
        **numbers,
    )


def load_start(path: Path) -> PlainGpen | Gpen:
    """What a run's checkpoint (.pt) averaged, in plain form if it has that; or a weight file's."""
    if path.suffix != ".pt":
        return read_checkpoint(path).build().requires_grad_()
    state = torch.load(path, map_location="cpu", weights_only=True)
    if "plain" not in state:
        return load_run(path).requires_grad_()
    network = PlainGpen(load_run(path).shape)
    network.load_state_dict(state["plain"])
    return network


def main(argv: list[str] | None = None) -> None:
    """Train from the command line."""
    args = parse(argv)
    prepare(args)
    start = load_start(args.start)
    recipe = recipe_of(args, start.shape)
    device = pick_device(args.device)
    duel = Duel(recipe, device, pick_precision(args.precision, device), start)
    last = args.run / "last.pt"
    if last.exists():
        duel.resume(torch.load(last, map_location=device, weights_only=True))
    (args.run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1) + "\n")

    def batches() -> Iterator[dict[str, Tensor]]:
        pairs = TrainingPairs(load_portraits(args.portraits, "train"), args.samples, args.seed)
        return new_samples(pairs, duel, recipe.batch, pick_workers(args.workers, device))

    run(duel, args, batches)


if __name__ == "__main__":
    main()
