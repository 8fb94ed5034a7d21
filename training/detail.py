"""Trains what tells of the finest detail of results, and writes it beside the network.

    python -m training.detail --pool training/runs/pool \
        --network NETWORK.safetensors --out vidrestore/weights/NAME.safetensors

The gain of the finest octave is learned by least squares. The strength of what is missing is
learned by likelihood; what is missing along edges (rims of glasses, teeth, a collar) is their
place, not texture, so the strength of a cell is taken from the median of its magnitudes, which an
edge through it hardly raises (Rousseeuw and Croux, "Alternatives to the Median Absolute Deviation",
JASA 1993): 1.4826 times the median is the deviation of Gaussian noise. The last eighth of the
samples is held back.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from numpy.typing import NDArray
from torch import Tensor

from training.evaluate import Product
from training.learning.optimising import cosine, descend
from training.learning.trainer import face_weights
from training.pool import Pool
from vidrestore.config import RestoreConfig
from vidrestore.picture.luma import luma_of
from vidrestore.restore.detail import (
    CELL,
    DRAWN,
    DetailNetwork,
    features_of,
    means,
    octaves,
)
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.loading import load_model

Float32 = NDArray[np.float32]

_BATCH = 32
_RATE = 2e-3
_HELD = 8
_UNTOUCHED = 8
"""Of so many samples one is shown without wear too: to it nothing is missing."""
_TO_DEVIATION = 1.4826
_LEAST = 0.05
"""Mean square, of levels of 0..255, that a strength has at least: far below rounding."""


_FLOOR = 6.5
"""Mean square, of levels of 0..255, added to a picture's error before its gain is divided by it."""
_GAIN = 20.0
"""Weight of the gain beside the likelihood."""


class Samples(NamedTuple):
    """What the network sees and what it is to tell, in cells.

    Attributes:
        features: (N, F, n, n).
        missing: (N, 2, n, n), mean squares of what is missing, levels squared.
        own: (N, 1, n, n), mean square of the result's finest octave.
        helpful: mean of that octave times what is missing.
        error: (N, 1, 1, 1), mean square of all that is missing of luma.
    """

    features: Tensor
    missing: Tensor
    own: Tensor
    helpful: Tensor
    error: Tensor

    def part(self, places: Tensor | slice) -> Samples:
        """Some of them."""
        return Samples(*(x[places] for x in self))


def robust_mean_square(band: Float32, cell: int) -> Float32:
    """(W, W) to (W / cell, W / cell): of noise whose median magnitude a cell has."""
    count = len(band) // cell
    cells = np.abs(band).reshape(count, cell, count, cell).swapaxes(1, 2)
    medians = np.median(cells.reshape(count, count, -1), axis=2)
    return np.asarray((_TO_DEVIATION * medians) ** 2, np.float32)


def sample_of(base: Float32, result: Float32, truth: Float32) -> Samples:
    """One sample, of the (W, W) luma of crops."""
    apart, cells = truth - result, len(base) // CELL
    lacking = octaves(apart, DRAWN)
    (own,) = octaves(result, 1)
    rows = (
        features_of(base, result),
        np.stack([robust_mean_square(band, CELL >> n) for n, band in enumerate(lacking)]),
        means(own**2, cells)[None],
        means(own * apart, cells)[None],
        np.full((1, 1, 1), np.square(apart).mean(), np.float32),
    )
    return Samples(*(torch.from_numpy(row)[None] for row in rows))


@torch.inference_mode()
def made(pool: Pool, model: Product, count: int, seed: int) -> Samples:
    """Samples of a pool: results whole, and with a share of the change as the program takes it."""
    draws, rows = np.random.default_rng(seed), []
    for number, (base, truth) in enumerate(pool.pictures[:count]):
        source, restored, true = (luma_of(crop) for crop in (base, model(base), truth))
        rows.append(sample_of(source, restored, true))
        mixed = source + np.float32(draws.uniform(0.2, 1.0)) * (restored - source)
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


def left(gain: Tensor, part: Samples, weights: Tensor) -> Tensor:
    """(N,) what a gain adds to a sample's mean square error, as a part of it; below 0 is good."""
    more = gain.square() * part.own - 2 * gain * part.helpful
    return ((more * weights).mean((1, 2, 3))) / (part.error.flatten() + _FLOOR)


def learn(samples: Samples, steps: int, seed: int) -> DetailNetwork:
    """Train on samples; the rate falls to nought as a cosine does."""
    torch.manual_seed(seed)
    rng, network = np.random.default_rng(seed), DetailNetwork()
    with torch.no_grad():
        network.tell.weight.mul_(0.1)
        network.tell.bias.copy_(torch.tensor([0.0, *DRAWN * [math.log(4.0)]]))
    optimiser = torch.optim.Adam(network.parameters(), _RATE)
    weights = cell_weights(samples.missing.shape[-1])
    for step in range(steps):
        part = samples.part(torch.from_numpy(rng.integers(0, len(samples.missing), _BATCH)))
        if rng.random() < 0.5:
            part = Samples(*(x.flip(3) for x in part))
        told = network(part.features)
        loss = negative_log_likelihood(told.log_missing, part.missing, weights)
        loss = loss + _GAIN * left(told.gain, part, weights).mean()
        descend(optimiser, loss, _RATE * cosine(step, steps))
        if step % 100 == 0:
            print(f"{step}: {float(loss.detach()):.3f}", flush=True)
    return network.eval().requires_grad_(False)


def cell_weights(side: int) -> Tensor:
    """(1, 1, n, n): faces count, backgrounds hardly."""
    weights = F.avg_pool2d(face_weights(side * CELL)[None, None], CELL)
    return weights / weights.mean()


@torch.inference_mode()
def judged(network: DetailNetwork, samples: Samples) -> dict[str, float]:
    """Of held samples.

    Returns:
        the negative log likelihood of what is missing, that of one strength for all, the energy
        that is told over the true one, what the gain takes off the error, dB, and its worst.
    """
    weights, told = cell_weights(samples.missing.shape[-1]), network(samples.features)
    constant = samples.missing.mean((0, 2, 3), keepdim=True).log().expand_as(told.log_missing)
    energy = (told.log_missing.exp() * weights).sum() / (samples.missing * weights).sum()
    won = -10 * (1 + left(told.gain, samples, weights)).log10()
    return {
        "likelihood": float(negative_log_likelihood(told.log_missing, samples.missing, weights)),
        "constant": float(negative_log_likelihood(constant, samples.missing, weights)),
        "energy": float(energy),
        "gain": float(won.mean()),
        "worst": float(won.min()),
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
    write_checkpoint(checkpoint.build(), args.out, beside=(confidence, network))
    print(f"{args.out}: SHA-256 {read_checkpoint(args.out).sha256}", flush=True)


if __name__ == "__main__":
    main()
