"""Trains what tells how strong the detail is that results lack, and writes it beside the network.

    python -m training.texture --pool training/runs/pool \
        --network NETWORK.safetensors --out vidrestore/weights/NAME.safetensors

What is missing along edges (rims of glasses, teeth, a collar) is their place, not texture. So the
strength of a cell is taken from the median of its magnitudes, which an edge through it hardly
raises (Rousseeuw and Croux, "Alternatives to the Median Absolute Deviation", JASA 1993): 1.4826
times the median is the deviation of Gaussian noise. The last eighth of the samples is held back.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor

from training.evaluate import Product
from training.learning.trainer import face_weights
from training.pool import Pool
from vidrestore.config import RestoreConfig
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.loading import load_model
from vidrestore.restore.texture import CELL, DRAWN, Strength, features_of, luma_of, octaves

_BATCH = 32
_RATE = 2e-3
_HELD = 8
_UNTOUCHED = 8
"""Of so many samples one is shown without wear too: to it nothing is missing."""
_TO_DEVIATION = 1.4826
_LEAST = 0.05
"""Mean square, of levels of 0..255, that a strength has at least: far below rounding."""


class Samples(NamedTuple):
    """What the network sees, (N, F, n, n), and what it is to tell, (N, 2, n, n) levels squared."""

    features: Tensor
    missing: Tensor

    def part(self, places: Tensor | slice) -> Samples:
        """Some of them."""
        return Samples(*(x[places] for x in self))


def robust_mean_square(band: Tensor, cell: int) -> Tensor:
    """(N, 1, W, W) to (N, 1, W / cell, W / cell): of noise whose median magnitude a cell has."""
    count, _, side, _ = band.shape
    values = F.unfold(band.abs(), cell, stride=cell).median(1).values
    return (_TO_DEVIATION * values).square().reshape(count, 1, side // cell, side // cell)


def sample_of(base: Tensor, result: Tensor, truth: Tensor) -> Samples:
    """One sample of crops (W, W, 3) of levels."""
    base, result, truth = (luma_of(picture[None]) for picture in (base, result, truth))
    lacking = octaves(truth - result, DRAWN)
    missing = [robust_mean_square(band, CELL >> number) for number, band in enumerate(lacking)]
    return Samples(features_of(base, result), torch.cat(missing, 1))


@torch.inference_mode()
def made(pool: Pool, model: Product, count: int, seed: int) -> Samples:
    """Samples of a pool: results whole, and with a share of the change as the program takes it."""
    draws, rows = np.random.default_rng(seed), []
    for number, (base, truth) in enumerate(pool.pictures[:count]):
        result = model(base)
        source, restored, true = (
            torch.from_numpy(x.astype(np.float32)) for x in (base, result, truth)
        )
        rows.append(sample_of(source, restored, true))
        mixed = source + float(draws.uniform(0.2, 1.0)) * (restored - source)
        rows.append(sample_of(source, mixed, true))
        if number % _UNTOUCHED == 0:
            rows.append(sample_of(true, true, true))
    return Samples(*(torch.cat(column) for column in zip(*rows, strict=True)))


def negative_log_likelihood(told: Tensor, missing: Tensor, weights: Tensor) -> Tensor:
    """Of the missing strength, up to a constant.

    Args:
        told: (N, 2, n, n) logarithms.
        missing: mean squares, of the same shape.
        weights: (1, 1, n, n) of the cells, one on average.
    """
    terms = told + (missing + _LEAST) * (-told).exp()
    return (terms * weights).mean()


def learn(samples: Samples, steps: int, seed: int) -> Strength:
    """Train on samples; the rate falls to nought as a cosine does."""
    torch.manual_seed(seed)
    rng, network = np.random.default_rng(seed), Strength()
    with torch.no_grad():
        network.tell.bias.fill_(math.log(4.0))
    optimiser = torch.optim.Adam(network.parameters(), _RATE)
    weights = cell_weights(samples.missing.shape[-1])
    for step in range(steps):
        part = samples.part(torch.from_numpy(rng.integers(0, len(samples.missing), _BATCH)))
        if rng.random() < 0.5:
            part = Samples(*(x.flip(3) for x in part))
        loss = negative_log_likelihood(network(part.features), part.missing, weights)
        for group in optimiser.param_groups:
            rising = min(1.0, (step + 1) / 50)
            group["lr"] = _RATE * rising * 0.5 * (1 + math.cos(math.pi * step / steps))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        if step % 100 == 0:
            print(f"{step}: {float(loss.detach()):.3f}", flush=True)
    return network.eval().requires_grad_(False)


def cell_weights(side: int) -> Tensor:
    """(1, 1, n, n): faces count, backgrounds hardly."""
    weights = F.avg_pool2d(face_weights(side * CELL)[None, None], CELL)
    return weights / weights.mean()


@torch.inference_mode()
def judged(network: Strength, samples: Samples) -> dict[str, float]:
    """Of held samples: likelihood, that of one strength for all, and told over true energy."""
    weights, told = cell_weights(samples.missing.shape[-1]), network(samples.features)
    constant = samples.missing.mean((0, 2, 3), keepdim=True).log().expand_as(told)
    energy = (told.exp() * weights).sum() / (samples.missing * weights).sum()
    return {
        "likelihood": float(negative_log_likelihood(told, samples.missing, weights)),
        "constant": float(negative_log_likelihood(constant, samples.missing, weights)),
        "energy": float(energy),
    }


def main(argv: list[str] | None = None) -> None:
    """Train from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pool", type=Path, required=True, help="folder of training.pool")
    parser.add_argument("--network", type=Path, required=True, help="weight file of a GPEN")
    parser.add_argument("--out", type=Path, required=True, help="weight file to write")
    parser.add_argument("--count", type=int, default=1500, help="samples of the pool")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    config = RestoreConfig(model=str(args.network), device="cpu", threads=1)
    pool, model = Pool(args.pool), Product(load_model(config).restorer)
    samples = made(pool, model, min(args.count, len(pool)), args.seed)
    held = len(samples.missing) // _HELD
    network = learn(samples.part(slice(0, -held)), args.steps, args.seed)
    print(f"{held} held back: {judged(network, samples.part(slice(-held, None)))}", flush=True)
    checkpoint = read_checkpoint(args.network)
    confidence = checkpoint.build_confidence()
    write_checkpoint(checkpoint.build(), args.out, confidence=confidence, texture=network)
    print(f"{args.out}: SHA-256 {read_checkpoint(args.out).sha256}", flush=True)


if __name__ == "__main__":
    main()
