"""Trains what tells how strong the detail is that results lack, and writes it beside the network.

    python -m training.detail --pool training/runs/pool \
        --network NETWORK.safetensors --out vidrestore/weights/NAME.safetensors

It is learned by likelihood, of results that are refined already where the file can do that. What
is missing along edges (rims of glasses, teeth, a collar) is their place, not texture, so the
strength of a cell is taken from the median of its magnitudes, which an edge through it hardly
raises (Rousseeuw and Croux, "Alternatives to the Median Absolute Deviation", JASA 1993): 1.4826
times the median is the deviation of Gaussian noise. The last eighth of the samples' truths is held
back.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from numpy.typing import NDArray
from torch import Tensor

from training.evaluate import Product
from training.learning.beside import learned_from, parser_beside
from training.learning.optimising import cosine, descend
from training.learning.trainer import face_weights
from training.pool import Pool
from vidrestore.config import RestoreConfig
from vidrestore.picture.luma import luma_of
from vidrestore.restore.detail import (
    CELL,
    DRAWN,
    DetailNetwork,
    FineDetail,
    features_of,
    octaves,
)
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.loading import load_model

Float32 = NDArray[np.float32]

_BATCH = 32
_RATE = 2e-3
_UNTOUCHED = 8
"""Of so many samples one is shown without wear too: to it nothing is missing."""
_TO_DEVIATION = 1.4826
_LEAST = 0.05
"""Mean square, of levels of 0..255, that a strength has at least: far below rounding."""


class Samples(NamedTuple):
    """What the network sees and what it is to tell, in cells.

    Attributes:
        features: (N, F, n, n).
        missing: (N, 2, n, n), mean squares of what is missing, levels squared.
    """

    features: Tensor
    missing: Tensor

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
    lacking = octaves(truth - result, DRAWN)
    rows = (
        features_of(base, result),
        np.stack([robust_mean_square(band, CELL >> n) for n, band in enumerate(lacking)]),
    )
    return Samples(*(torch.from_numpy(row)[None] for row in rows))


@torch.inference_mode()
def made(pool: Pool, model: Product, refined: FineDetail, count: int, seed: int) -> Samples:
    """Samples of a pool: results whole, and with a share of the change as the program takes it."""
    draws, rows = np.random.default_rng(seed), []
    known = zip(pool.pictures[:count], pool.pixels[:count], strict=True)
    for number, ((base, truth, alone), pixel) in enumerate(known):
        crops = alone, base, model(base), truth
        own, source, restored, true = (luma_of(crop) for crop in crops)
        mixed = source + np.float32(draws.uniform(0.2, 1.0)) * (restored - source)
        results = (x + refined.refinement(own, source, x, float(pixel)) for x in (restored, mixed))
        rows.extend(sample_of(source, result, true) for result in results)
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


def learn(samples: Samples, steps: int, seed: int) -> DetailNetwork:
    """Train on samples; the rate falls to nought as a cosine does."""
    torch.manual_seed(seed)
    rng, network = np.random.default_rng(seed), DetailNetwork()
    with torch.no_grad():
        network.tell.weight.mul_(0.1)
        network.tell.bias.fill_(math.log(4.0))
    optimiser = torch.optim.Adam(network.parameters(), _RATE)
    weights = cell_weights(samples.missing.shape[-1])
    for step in range(steps):
        part = samples.part(torch.from_numpy(rng.integers(0, len(samples.missing), _BATCH)))
        if rng.random() < 0.5:
            part = Samples(*(x.flip(3) for x in part))
        loss = negative_log_likelihood(network(part.features), part.missing, weights)
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
        the negative log likelihood of what is missing, that of one strength for all, and the
        energy that is told over the true one.
    """
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
    parser = parser_beside(__doc__, count=1500, steps=1500, what="weight file of a GPEN")
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    config = RestoreConfig(model=str(args.network), device="cpu", threads=1)
    pool, loaded = Pool(args.pool), load_model(config)
    refined = loaded.detail or FineDetail(loaded.restorer.size)
    samples = made(pool, Product(loaded.restorer), refined, min(args.count, len(pool)), args.seed)
    count = len(samples.missing)
    learned = learned_from(count)
    network = learn(samples.part(slice(learned)), args.steps, args.seed)
    told = judged(network, samples.part(slice(learned, None)))
    print(f"{count - learned} held back: {told}", flush=True)
    checkpoint = read_checkpoint(args.network)
    beside = (checkpoint.build_confidence(), refined.refinement_network, network)
    write_checkpoint(checkpoint.build(), args.out, beside=beside)
    print(f"{args.out}: SHA-256 {read_checkpoint(args.out).sha256}", flush=True)


if __name__ == "__main__":
    main()
