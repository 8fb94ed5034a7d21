"""The first phase: a plain network learns to bring worn pictures nearer to the truth.

    python -m training.pool --portraits PORTRAITS --out training/runs/pool
    python -m training.train --portraits PORTRAITS --pool training/runs/pool \
        --run training/runs/first

The same command goes on where a run stopped. Each batch is a pure function of the seed and its
number, so a run that was stopped and one that was not see the same, once the pool is complete.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from training.learning.loop import (
    add_arguments,
    pick_device,
    pick_precision,
    pick_workers,
    prepare,
    run,
)
from training.learning.trainer import Recipe, Trainer
from training.pool import Pool, PoolBatches, Stint
from vidrestore.restore.gpen.checkpoint import read_checkpoint
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape

_STINTS = (
    "until=22500,side=64,count=16,lowest=3,margin=6",
    "until=27000,rate=7e-4",
    "until=29700,rate=6e-4,energy=0.4",
    "until=35400,rate=6e-4,energy=0.4,floor=3e-4",
)
_DECAY_FROM = 27_000
_TYPICAL = 16


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_arguments(parser)
    parser.add_argument("--pool", type=Path, required=True, help="folder of training.pool")
    parser.add_argument("--start", type=Path, help="weights of a plain network to go on from")
    parser.add_argument("--grow", type=int, help="channels of an octave added to --start's")
    parser.add_argument(
        "--stint",
        type=Stint.parse,
        action="append",
        metavar="until=N,NAME=VALUE,...",
        help=f"what is looked at up to a step, and how; default: {' '.join(_STINTS)}",
    )
    parser.add_argument(
        "--decay-from",
        type=int,
        default=None,
        help=f"step from which the rate falls; default: {_DECAY_FROM}, or the last --stint's first",
    )
    parser.add_argument("--warm-up", type=int, default=300, help="steps")
    parser.add_argument("--average", type=float, default=1000.0, help="steps")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--narrow", type=float, default=0.25)
    parser.add_argument("--multiplier", type=int, default=1)
    parser.add_argument("--style-width", type=int, default=256)
    parser.add_argument("--mapping-depth", type=int, default=2)
    return parser.parse_args(argv)


def start_size(start: Path, grow: int | None) -> int:
    """Side of the crops of a network that goes on from a weight file."""
    return read_checkpoint(start).shape.size * (2 if grow else 1)


def recipe_of(args: argparse.Namespace, start: Gpen | None = None) -> Recipe:
    """What the command line asks for; the shape is that of what is gone on from.

    Raises:
        ValueError: a stint shows what a network of that size cannot learn from.
    """
    if start is not None:
        widths = (*start.shape.widths, *([args.grow] if args.grow else []))
        shape = replace(start.shape, widths=widths)
    else:
        shape = GpenShape.published(
            args.size,
            multiplier=args.multiplier,
            narrow=args.narrow,
            style_width=args.style_width,
            mapping_depth=args.mapping_depth,
        )
    stints = tuple(args.stint or _stints_for(shape.size))
    for stint in stints:
        stint.check(shape.size)
    decay_from = _DECAY_FROM if args.decay_from is None and not args.stint else args.decay_from
    return Recipe(
        shape,
        stints,
        warm_up=args.warm_up,
        decay_from=decay_from,
        average=args.average,
        seed=args.seed,
    )


def _stints_for(size: int) -> Iterator[Stint]:
    """Those that are looked at unless told otherwise: patches, then whole crops."""
    for stint in map(Stint.parse, _STINTS):
        yield stint if stint.lowest else replace(stint, side=size)


def main(argv: list[str] | None = None) -> None:
    """Train from the command line."""
    args = parse(argv)
    prepare(args)
    start = read_checkpoint(args.start).build() if args.start else None
    try:
        recipe = recipe_of(args, start)
    except ValueError as error:
        raise SystemExit(f"--stint: {error}") from error
    device, pool = pick_device(args.device), Pool(args.pool)
    size = recipe.shape.size
    whole = Stint(1, size, _TYPICAL)
    typical = pool.draw(whole, len(pool), np.random.default_rng(args.seed), size)["source"]
    trainer = Trainer(recipe, device, pick_precision(args.precision, device), typical, start)
    last = args.run / "last.pt"
    if last.exists():
        trainer.resume(torch.load(last, map_location=device, weights_only=True))
    (args.run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1) + "\n")

    def batches() -> Iterator[dict[str, Tensor]]:
        known = PoolBatches(pool, recipe.stints, recipe.seed, size)
        rest = Subset(known, range(trainer.steps, len(known)))
        workers = pick_workers(args.workers, device)
        return iter(DataLoader(rest, batch_size=None, num_workers=workers))

    run(trainer, args, batches, size)


if __name__ == "__main__":
    main()
