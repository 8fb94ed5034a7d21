"""Trains what tells how far a network can be trusted, and writes it beside the network.

    python -m training.confidence --pool training/runs/pool \
        --network NETWORK.safetensors --out vidrestore/weights/NAME.safetensors

The network's results on samples are made once and kept. The last eighth of the samples' truths is
held back, and judged before and after.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor

from training.learning.beside import learned_from, parser_beside
from training.learning.optimising import cosine, descend
from training.learning.trainer import face_weights
from training.pool import Pool
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.gpen.confidence import CELL, Confidence, shared
from vidrestore.restore.gpen.folded import FoldedGpen

_BATCH = 8
_RATE = 2e-3
_LEAST = 1e-5
"""Mean square, of [-1, 1], that an error is taken to have at least: rounding to 8 bits."""


class Results(NamedTuple):
    """Samples with what a network made of them, (N, 3, S, S) uint8 each."""

    source: Tensor
    restored: Tensor
    truth: Tensor

    def part(self, places: Tensor | slice) -> Results:
        """Some of them."""
        return Results(*(x[places] for x in self))

    def unit(self) -> Iterator[Tensor]:
        """Each as float32 in [-1, 1]."""
        return (x.float().div(127.5).sub(1.0) for x in self)


@torch.inference_mode()
def restored_samples(pool: Pool, network: FoldedGpen, count: int) -> Results:
    """The first samples of a pool, at the network's size, and its results."""
    size = network.shape.size
    rows: list[list[Tensor]] = []
    for pair in pool.pictures[:count, :2]:
        source, truth = (
            torch.from_numpy(cv2.resize(x, (size, size), interpolation=cv2.INTER_AREA))
            .permute(2, 0, 1)
            .clone()
            for x in pair
        )
        y = network(source[None].float().div(127.5).sub(1.0))[0]
        rows.append([source, ((y + 1) * 127.5).round().clamp(0, 255).to(torch.uint8), truth])
    return Results(*(torch.stack(column) for column in zip(*rows, strict=True)))


def negative_log_likelihood(
    network: Confidence, results: Results, weights: Tensor
) -> tuple[Tensor, Tensor]:
    """Of the truth, up to a constant, averaged over cells; and the share that was told.

    Args:
        network: tells.
        results: samples.
        weights: (1, 1, S, S) of the pixels, one on average.
    """
    source, restored, truth = results.unit()
    trust = network(source, restored)
    apart = (shared(source, restored, trust.share) - truth).square().mean(1, keepdim=True)
    cells = F.avg_pool2d(apart * weights, CELL) / F.avg_pool2d(weights, CELL) + _LEAST
    terms = trust.log_error + cells * (-trust.log_error).exp()
    return (terms * F.avg_pool2d(weights, CELL)).mean(), trust.share


def with_untouched(part: Results) -> Results:
    """A batch whose last picture is its truth."""
    source, restored, truth = (x.clone() for x in part)
    source[-1] = restored[-1] = truth[-1]
    return Results(source, restored, truth)


def learn(
    results: Results,
    steps: int,
    seed: int,
    rate: float,
    begun: Confidence | None = None,
) -> Confidence:
    """Train on samples.

    Args:
        results: samples, worn and restored by the network in question.
        steps: of eight samples each.
        seed: of start and order.
        rate: of Adam, falling to nought as a cosine does.
        begun: what to go on from.
    """
    torch.manual_seed(seed)
    rng, network = np.random.default_rng(seed), Confidence()
    with torch.no_grad():
        network.tell.bias[1:] = math.log(1e-3)
    if begun is not None:
        network.load_state_dict(begun.state_dict())
    optimiser = torch.optim.Adam(network.parameters(), rate, fused=True)
    weights = face_weights(results.source.shape[-1])[None, None]
    for step in range(steps):
        places = torch.from_numpy(rng.integers(0, len(results.source), _BATCH))
        part = results.part(places)
        if rng.random() < 0.5:
            part = Results(*(x.flip(3) for x in part))
        part = with_untouched(part)
        loss, _ = negative_log_likelihood(network, part, weights)
        descend(optimiser, loss, rate * cosine(step, steps))
        if step % 50 == 0:
            print(f"{step}: {float(loss.detach()):.3f}", flush=True)
    return network.eval().requires_grad_(False)


@torch.inference_mode()
def gains(network: Confidence, results: Results) -> dict[str, list[float]]:
    """PSNR over the face weights, dB, of each sample: worn, restored, and with its share."""
    weights = face_weights(results.source.shape[-1])[None, None]
    table: dict[str, list[float]] = {"source": [], "restored": [], "shared": []}
    for place in range(len(results.source)):
        source, restored, truth = results.part(slice(place, place + 1)).unit()
        mixed = shared(source, restored, network(source, restored).share)
        for name, x in zip(table, (source, restored, mixed), strict=True):
            error = float(((x - truth).square() * weights).mean()) / 4 + 1e-6
            table[name].append(-10 * math.log10(error))
    return table


def main(argv: list[str] | None = None) -> None:
    """Train from the command line."""
    what = "weight file of a GPEN; a confidence in it is gone on from"
    parser = parser_beside(__doc__, count=1500, steps=1200, what=what)
    parser.add_argument("--rate", type=float, default=_RATE)
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    gpen, pool = read_checkpoint(args.network).build(), Pool(args.pool)
    results = restored_samples(pool, FoldedGpen(gpen), min(args.count, len(pool)))
    count = len(results.source)
    learned = learned_from(count)
    begun = read_checkpoint(args.network).build_confidence()
    known = results.part(slice(learned))
    network = learn(known, args.steps, args.seed, args.rate, begun)
    table = gains(network, results.part(slice(learned, None)))
    means = {name: round(float(np.mean(column)), 2) for name, column in table.items()}
    worse = {
        name: sum(x < s for x, s in zip(table[name], table["source"], strict=True))
        for name in ("restored", "shared")
    }
    print(f"{count - learned} held back, dB: {means}; worse than worn: {worse}", flush=True)
    write_checkpoint(gpen, args.out, beside=(network,))  # what learned from its results is stale
    print(f"{args.out}: SHA-256 {read_checkpoint(args.out).sha256}", flush=True)


if __name__ == "__main__":
    main()
