"""Trains what brings results nearer to the truth in large crops, and writes it beside the network.

    python -m training.refinement --pool training/runs/pool \
        --network NETWORK.safetensors --out vidrestore/weights/NAME.safetensors

It is learned by least squares, on patches of crops at twice the network's side. Each sample's error
counts in parts of its own, so that mild wear counts as much as heavy. Samples should be partly
softened (``training.pool --softened``): portraits are sharper than most faces in videos. The last
eighth of the samples is held back.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.evaluate import Product
from training.learning.beside import parser_beside
from training.learning.optimising import cosine, descend
from training.learning.trainer import face_weights
from training.pool import Pool
from vidrestore.config import RestoreConfig
from vidrestore.picture.luma import luma_of
from vidrestore.restore.detail import CELL, RefinementNetwork, without_means
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.loading import load_model

_PATCH = 12 * CELL
_MARGIN = 2 * CELL
"""Around a patch, seen but not judged: what lies beyond the border would be seen there."""
_BATCH = 9
_RATE = 2e-3
_HELD = 8
_MIXED = 0.4
"""Part of the samples of which only a share of the network's change is taken, as in the program."""
_CONTRAST = (0.6, 1.3)
"""Bounds of the factor on the contrast of half of the patches."""
_FLOOR = 6.5
"""Mean square, of levels of 0..255, added to a sample's error before its loss is divided by it."""


class Samples(NamedTuple):
    """Crops, and what is known of them.

    Attributes:
        luma: (N, 3, W, W) uint8, of what was restored, of what became of it, and of the truth.
        error: (N,) mean squares of what results lack, of levels, over the face weights.
    """

    luma: NDArray[np.uint8]
    error: NDArray[np.float32]

    def part(self, places: slice) -> Samples:
        """Some of them."""
        return Samples(*(x[places] for x in self))


def samples_of(pool: Pool, model: Product, count: int, seed: int) -> Samples:
    """The first samples of a pool, and what a model makes of them."""
    draws, side = np.random.default_rng(seed), pool.pictures.shape[2]
    weights = face_weights(side).numpy()
    luma = np.empty((count, 3, side, side), np.uint8)
    errors = []
    for number, (base, truth) in enumerate(pool.pictures[:count]):
        before, after, true = (luma_of(crop) for crop in (base, model(base), truth))
        if draws.random() < _MIXED:
            after = before + np.float32(draws.uniform(0.2, 1.0)) * (after - before)
        luma[number] = np.stack([before, after, true]).round().clip(0, 255)
        _, after, true = luma[number].astype(np.float32)
        errors.append((weights * np.square(true - after)).mean())
    return Samples(luma, np.array(errors, np.float32))


class Batch(NamedTuple):
    """Patches with their margins, as the network is shown them.

    Attributes:
        base: (N, 1, W, W), levels of 0..255.
        result: the same shape.
        truth: the same shape.
        weights: (N, W, W), what each pixel counts; none in the margin.
    """

    base: Tensor
    result: Tensor
    truth: Tensor
    weights: Tensor

    def loss(self, network: RefinementNetwork) -> Tensor:
        """(N,) what is left of the squared error less what was there: negative is good."""
        missing = without_means(self.truth - self.result)
        given = network(self.base, self.result)
        left = (given - missing).square() - missing.square()
        return (left[:, 0] * self.weights).mean((1, 2))


def drawn(
    samples: Samples, face: NDArray[np.float32], rng: np.random.Generator, count: int
) -> Batch:
    """Patches, half of them mirrored.

    Args:
        samples: to draw from.
        face: (W, W) weights of a whole crop's pixels.
        rng: draws.
        count: of patches.
    """
    side, whole = len(face), _PATCH + 2 * _MARGIN
    inner, rows = np.pad(np.ones((_PATCH, _PATCH), np.float32), _MARGIN), []
    for place in rng.integers(0, len(samples.luma), count):
        y, x = rng.integers(0, (side - whole) // CELL + 1, 2) * CELL
        near = np.s_[y : y + whole, x : x + whole]
        contrast = np.float32(rng.uniform(*_CONTRAST) if rng.random() < 0.5 else 1.0)
        luma = (samples.luma[place, :, None, *near] - np.float32(128)) * contrast + 128
        weights = face[near] * inner / (samples.error[place] * contrast**2 + _FLOOR)
        row = (*luma, weights)
        rows.append([x[..., ::-1] for x in row] if rng.random() < 0.5 else row)
    return Batch(*(torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True)))


def learn(
    samples: Samples,
    steps: int,
    seed: int,
    *,
    rate: float = _RATE,
    begun: RefinementNetwork | None = None,
    batch: int = _BATCH,
) -> RefinementNetwork:
    """Train on samples.

    Args:
        samples: to draw patches from.
        steps: of one batch each.
        seed: of start and draws.
        rate: of Adam, falling to nought as a cosine does.
        begun: what to go on from.
        batch: patches of a step.
    """
    torch.manual_seed(seed)
    rng, network = np.random.default_rng(seed), RefinementNetwork()
    face = face_weights(samples.luma.shape[-1]).numpy()
    with torch.no_grad():  # it begins by adding next to nothing
        network.give.weight.mul_(0.1)
        network.give.bias.zero_()
    if begun is not None:
        network.load_state_dict(begun.state_dict())
    optimiser, logged = torch.optim.Adam(network.parameters(), rate), []
    for step in range(steps):
        loss = drawn(samples, face, rng, batch).loss(network).mean()
        descend(optimiser, loss, rate * cosine(step, steps))
        logged.append(float(loss.detach()))
        if (step + 1) % 200 == 0:
            print(f"{step + 1}: {np.mean(logged[-200:]):.4f}", flush=True)
    return network.eval().requires_grad_(False)


@torch.inference_mode()
def gains(network: RefinementNetwork, samples: Samples) -> NDArray[np.float64]:
    """(N,) what it takes off the error of each sample, dB, over the face weights."""
    weights = face_weights(samples.luma.shape[-1])
    found = []
    for luma, error in zip(*samples, strict=True):
        base, result, truth = torch.from_numpy(luma[:, None, None].astype(np.float32))
        given = network(base, result)
        after = ((result + given).round().clamp(0, 255) - truth).square()
        ratio = (float((after[0, 0] * weights).mean()) + _FLOOR) / (float(error) + _FLOOR)
        found.append(-10 * np.log10(ratio))
    return np.array(found)


def main(argv: list[str] | None = None) -> None:
    """Train from the command line."""
    what = "weight file of a GPEN; a refinement in it is gone on from"
    parser = parser_beside(__doc__, count=2400, steps=4000, what=what)
    parser.add_argument("--rate", type=float, default=_RATE)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args(argv)
    torch.set_num_threads(args.threads)
    config = RestoreConfig(model=str(args.network), device="cpu", threads=1)
    pool, model = Pool(args.pool), Product(load_model(config).restorer)
    samples = samples_of(pool, model, min(args.count, len(pool)), args.seed)
    held = max(len(samples.luma) // _HELD, 1)
    checkpoint = read_checkpoint(args.network)
    detail = checkpoint.build_detail()
    begun = detail and detail.refinement_network
    known = samples.part(slice(0, -held))
    network = learn(known, args.steps, args.seed, rate=args.rate, begun=begun)
    won = gains(network, samples.part(slice(-held, None)))
    print(f"{held} held back: {won.mean():.3f} dB, {won.min():.3f} at worst", flush=True)
    beside = (checkpoint.build_confidence(), detail and detail.missing_network, network)
    write_checkpoint(checkpoint.build(), args.out, beside=beside)
    print(f"{args.out}: SHA-256 {read_checkpoint(args.out).sha256}", flush=True)


if __name__ == "__main__":
    main()
