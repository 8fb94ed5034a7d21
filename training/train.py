"""Train the default model.

    python -m training.train --portraits PORTRAITS --run training/runs/first

The same command goes on where a run stopped. ``--samples`` may be raised then. Each sample is a
pure function of the seed and its number, so a run that was stopped and one that was not see the
same samples.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import torch

from training.losses import LossWeights
from training.run import add_arguments, pick_device, pick_precision, prepare, run
from training.trainer import LocalRecipe, Recipe, Trainer
from vidrestore.restore.shape import GpenShape


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    add_arguments(parser)
    parser.add_argument("--start", type=Path, help="checkpoint of another run to begin with")
    parser.add_argument("--samples", type=int, default=500_000)
    parser.add_argument("--decay-from", type=int, default=None, help="default: 70 %% of --samples")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--average", type=float, default=300.0, help="steps")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--narrow", type=float, default=0.25)
    parser.add_argument("--multiplier", type=int, default=1)
    parser.add_argument("--style-width", type=int, default=256)
    parser.add_argument("--mapping-depth", type=int, default=2)
    for name, value in asdict(LocalRecipe()).items():
        parser.add_argument(f"--local-{name}", type=int, default=value)
    for name, value in asdict(LossWeights()).items():
        parser.add_argument(f"--loss-{name}", type=float, default=value)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Train from the command line."""
    args = parse(argv)
    prepare(args)
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
    run(trainer, args)


if __name__ == "__main__":
    main()
