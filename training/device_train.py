"""Trains on a GPU for a given time, everything in its memory.

    python -m training.device_train --pool training/runs/pool --start NETWORK.safetensors \
        --out training/runs/device --seconds 280

The pool lies on the device as uint8; crops and flips are made there, so that no sample is awaited.
What comes back is small: the plain average (``plain.safetensors``), the GPEN
(``network.safetensors``) and ``log.jsonl``. It has been run on a CPU, in its tests, and not on a
GPU yet.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor

from training.learning.loop import pick_device, pick_precision
from training.learning.trainer import Recipe, Trainer
from training.pool import Pool, Stint
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint, write_state
from vidrestore.restore.gpen.shape import GpenShape

_BATCH = 64
_RATE = 5e-4
_TYPICAL = 16
_LOG_EVERY = 50


@dataclass(frozen=True, slots=True, eq=False)
class DevicePool:
    """Samples in the memory of a device.

    Attributes:
        pictures: (N, 2, 3, S, S) uint8, worn and true, at the network's size.
    """

    pictures: Tensor

    @classmethod
    def load(cls, pool: Pool, size: int, count: int, device: torch.device) -> DevicePool:
        """Bring the first samples of a pool over, reduced by area."""
        count = min(count, len(pool))
        pictures = torch.empty((count, 2, 3, size, size), dtype=torch.uint8, device=device)
        for place in range(count):
            sample = torch.from_numpy(pool.pictures[place, :2].copy()).to(device)
            x = sample.permute(0, 3, 1, 2).float()
            pictures[place] = F.interpolate(x, size=(size, size), mode="area").round().byte()
        return cls(pictures)

    def draw(self, count: int, draws: torch.Generator) -> dict[str, Tensor]:
        """Whole crops, half of them mirrored: "source" and "truth", (count, 3, S, S) uint8."""
        device = self.pictures.device
        places = torch.randint(len(self.pictures), (count,), generator=draws).to(device)
        mirrored = (torch.rand(count, generator=draws) < 0.5).to(device)
        drawn = self.pictures[places]
        drawn = torch.where(mirrored[:, None, None, None, None], drawn.flip(4), drawn)
        return {"source": drawn[:, 0], "truth": drawn[:, 1]}


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pool", type=Path, required=True, help="folder of training.pool")
    parser.add_argument("--start", type=Path, required=True, help="weights to go on from")
    parser.add_argument("--grow", type=int, help="channels of an octave added to --start's")
    parser.add_argument("--out", type=Path, required=True, help="folder of what comes back")
    parser.add_argument("--seconds", type=float, default=280.0, help="of training")
    parser.add_argument("--steps", type=int, default=10_000, help="at which the rate is nought")
    parser.add_argument("--batch", type=int, default=_BATCH)
    parser.add_argument("--count", type=int, default=20_000, help="samples at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="auto")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Train from the command line."""
    args = parse(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    device = pick_device(args.device)
    start = read_checkpoint(args.start).build()
    widths = (*start.shape.widths, *([args.grow] if args.grow else []))
    shape = GpenShape(widths, start.shape.style_width, start.shape.mapping_depth)
    samples = DevicePool.load(Pool(args.pool), shape.size, args.count, device)
    draws = torch.Generator().manual_seed(args.seed)
    stint = Stint(args.steps, shape.size, args.batch, rate=_RATE, energy=0.4, floor=4e-4)
    recipe = Recipe(shape, (stint,), warm_up=100, average=300.0, seed=args.seed)
    typical = samples.draw(_TYPICAL, draws)["source"].cpu()
    trainer = Trainer(recipe, device, pick_precision("auto", device), typical, start)
    learn(trainer, samples, draws, args)
    plain = trainer.average.cpu()
    write_state(plain.state_dict(), args.out / "plain.safetensors", torch.float16)
    write_checkpoint(plain.fold(), args.out / "network.safetensors")
    print(f"done: {trainer.steps} steps, {trainer.samples} samples", flush=True)


def learn(
    trainer: Trainer, samples: DevicePool, draws: torch.Generator, args: argparse.Namespace
) -> None:
    """Take steps until the time or the steps are over.

    Raises:
        SystemExit: the loss is no longer a number.
    """
    until, gains = time.monotonic() + args.seconds, []
    with (args.out / "log.jsonl").open("a") as log:
        while time.monotonic() < until and trainer.steps < args.steps:
            gains.append(trainer.step(samples.draw(args.batch, draws))["gain"])
            if trainer.steps % _LOG_EVERY == 0 or trainer.steps == args.steps:
                gain = float(np.mean([float(g) for g in gains]))
                log.write(json.dumps({"steps": trainer.steps, "gain": round(gain, 4)}) + "\n")
                log.flush()
                if not np.isfinite(gain):
                    raise SystemExit(f"the loss is no number after {trainer.steps} steps")
                gains = []


if __name__ == "__main__":
    main()
