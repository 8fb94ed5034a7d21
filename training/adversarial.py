"""The second phase: train on against a discriminator of fine detail.

    python -m training.adversarial --portraits PORTRAITS --pool training/runs/pool \
        --start vidrestore/weights/NAME.safetensors --run training/runs/second

The same command goes on where a run stopped, to the last bit on a CPU once the pool is complete.
A GPU learns by the same code, which has been run on a CPU alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from training.export import load_run
from training.judging.validation import to_unit
from training.learning.duel import Duel, DuelRecipe
from training.learning.loop import (
    add_arguments,
    pick_device,
    pick_precision,
    pick_workers,
    prepare,
    run,
)
from training.networks.plain import PlainGpen
from training.networks.unfold import unfold
from training.pool import Pool, PoolBatches, Stint
from vidrestore.restore.gpen.checkpoint import read_checkpoint
from vidrestore.restore.gpen.shape import GpenShape

_TYPICAL = 16
_ASKED = {
    "steps": "of the whole run",
    "alone": "steps in which the discriminator learns alone first",
    "batch": "whole crops per step",
    "rate": "learning rate of the restorer",
    "discriminator_rate": "of the discriminator",
    "warm_up": "steps over which the restorer's rate rises",
    "average": "steps over which the averaged network forgets",
    "width": "channels of the discriminator's first convolution",
    "adversarial": "length of the adversarial gradient in parts of the other losses'",
    "medium": "squared error, of [-1, 1], at which a picture gets half of that",
    "low": "weight of the error of 8x8 means",
    "energy": "weight of the gap in the local strength of detail",
    "floor": "squared error, of [-1, 1], added to what a loss is divided by",
}
"""What the command line tells of the recipe's numbers."""


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_arguments(parser)
    parser.add_argument("--pool", type=Path, required=True, help="folder of training.pool")
    parser.add_argument(
        "--start", type=Path, required=True, help="a run's checkpoint (.pt), or a weight file"
    )
    defaults = {setting.name: setting.default for setting in fields(DuelRecipe)}
    for name, help_ in _ASKED.items():
        default = defaults[name]
        option, text = "--" + name.replace("_", "-"), f"{help_}; default: {default}"
        parser.add_argument(option, type=type(default), default=default, help=text)
    parser.add_argument(
        "--decay-from", type=int, help="step from which the rates fall; default: 60 %% of --steps"
    )
    return parser.parse_args(argv)


def recipe_of(args: argparse.Namespace, shape: GpenShape) -> DuelRecipe:
    """What the command line asks for."""
    decay_from = int(0.6 * args.steps) if args.decay_from is None else args.decay_from
    numbers = {name: getattr(args, name) for name in _ASKED}
    return DuelRecipe(shape=shape, seed=args.seed, decay_from=decay_from, **numbers)


def load_start(path: Path, pool: Pool, seed: int) -> PlainGpen:
    """What a run's checkpoint (.pt) averaged, or a weight file's network, in plain form.

    Args:
        path: of the file.
        pool: a few samples of it bring the features to strength one, where the file does not tell.
        seed: of the draw.

    Raises:
        ValueError: the file's network was never a plain one.
    """
    if path.suffix == ".pt":
        state = torch.load(path, map_location="cpu", weights_only=True)
        gpen = load_run(path)
        if "plain" in state:
            network = PlainGpen(gpen.shape)
            network.load_state_dict(state["plain"])
            return network
    else:
        gpen = read_checkpoint(path).build()
    size = gpen.shape.size
    rng = np.random.default_rng(seed)
    typical = pool.draw(Stint(1, size, _TYPICAL), len(pool), rng, size)["source"]
    return unfold(gpen, to_unit(typical, torch.device("cpu")))


def main(argv: list[str] | None = None) -> None:
    """Train from the command line."""
    args = parse(argv)
    prepare(args)
    device, pool = pick_device(args.device), Pool(args.pool)
    start = load_start(args.start, pool, args.seed)
    recipe, size = recipe_of(args, start.shape), start.shape.size
    duel = Duel(recipe, device, pick_precision(args.precision, device), start)
    last = args.run / "last.pt"
    if last.exists():
        duel.resume(torch.load(last, map_location=device, weights_only=True))
    (args.run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1) + "\n")

    def batches() -> Iterator[dict[str, Tensor]]:
        known = PoolBatches(pool, (Stint(recipe.steps, size, recipe.batch),), recipe.seed, size)
        rest = Subset(known, range(duel.steps, len(known)))
        workers = pick_workers(args.workers, device)
        return iter(DataLoader(rest, batch_size=None, num_workers=workers))

    run(duel, args, batches, size)


if __name__ == "__main__":
    main()
