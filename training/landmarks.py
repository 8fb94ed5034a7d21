"""Train the network that places landmarks, and write it as weights that vidrestore reads.

    python -m training.landmarks --portraits PORTRAITS --run training/runs/landmarks
        [--samples N] [--mixtures N] [--steps N] [--seed N] [--held K] [--out FILE]

Samples are made once and kept in the run's folder; the same command then goes on with training.
With ``--held K`` every K-th portrait is left out of training and judged by: that is how the recipe
was chosen. ``--out`` writes float16 weights and prints the SHA-256 that
vidrestore/weights/installed.py must hold.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from training.samples.landmark_samples import MARGIN, halved, mixed, sample
from training.samples.portraits import Portrait, load_portraits
from vidrestore.detect.networks.landmark_network import (
    EYES,
    SIDE,
    TEMPLATE,
    Convolution,
    LandmarkNetwork,
)
from vidrestore.detect.networks.onet import MIRRORED_ORDER

BATCH, CHUNK = 64, 250
FASTEST, DECAY = 3e-3, 0.02
SHIFT, TURN, GROWTH = 3.0, 0.06, 0.05
"""Of crops cut out anew for each step: at most, px; radians and logarithm, standard deviations."""
DOUBT = 0.1
"""Weight of the expected error in the loss."""
CROP_EYES = 107.0
"""Distance of the eyes in GPEN's crop of 512: errors are told in its pixels."""
TOLD, JUDGED = 500, 4000
"""Steps between two lines, and samples of people left out that are judged by."""


@dataclass(frozen=True)
class Samples:
    """What is learned from.

    Attributes:
        crops: (N, S, S) uint8, S being ``SIDE + 2 * MARGIN``.
        landmarks: (N, 5, 2) float32 xy px in them.
        people: (N, 2) numbers of the portraits; the same one twice where nobody was mixed in.
    """

    crops: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    people: NDArray[np.int64]


def make(portraits: Path, plain: int, mixtures: int, seed: int, workers: int) -> Samples:
    """Samples of single people, then of mixtures, each a function of seed and number alone."""
    count = plain + mixtures
    numbers = [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    with ProcessPoolExecutor(workers, initializer=_one_thread) as pool:
        parts = list(pool.map(partial(_chunk, portraits, seed, plain), numbers))
    crops, landmarks, people = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Samples(crops, landmarks, people)


def _one_thread() -> None:
    cv2.setNumThreads(1)


@cache
def _portraits(folder: Path) -> tuple[Portrait, ...]:
    """Those for training, once in each process."""
    return tuple(halved(portrait) for portrait in load_portraits(folder, "train"))


def _chunk(
    portraits: Path, seed: int, plain: int, numbers: range
) -> tuple[NDArray[np.generic], ...]:
    listed = _portraits(portraits)
    crops, landmarks, people = [], [], []
    for number in numbers:
        rng = np.random.default_rng((seed, number))
        person = other = int(rng.integers(len(listed)))
        portrait = listed[person]
        if number >= plain:
            other = int(rng.integers(len(listed)))
            portrait = mixed(portrait, listed[other], rng)
        crop, points = sample(portrait, rng)
        crops.append(crop)
        landmarks.append(points)
        people.append((person, other))
    return np.stack(crops), np.array(landmarks, np.float32), np.array(people)


def drawn(
    samples: Samples, chosen: NDArray[np.int64], rng: np.random.Generator | None
) -> tuple[Tensor, Tensor]:
    """A batch: (N, SIDE, SIDE) crops, and (N, 5, 2) answers in distances of the eyes.

    Args:
        samples: to draw from.
        chosen: their numbers.
        rng: shifts, turns, scales and mirrors; None takes the middle of every crop as it is.
    """
    crops = np.empty((len(chosen), SIDE, SIDE), np.uint8)
    landmarks = np.empty((len(chosen), 5, 2), np.float32)
    for row, number in enumerate(chosen):
        matrix = _cut(rng) if rng else np.array([(1.0, 0.0, -MARGIN), (0.0, 1.0, -MARGIN)])
        crop = cv2.warpAffine(
            samples.crops[number], matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE
        )
        points = samples.landmarks[number] @ matrix[:, :2].T + matrix[:, 2]
        if rng and rng.random() < 0.5:
            crop = crop[:, ::-1]
            points = (points * (-1, 1) + (SIDE - 1, 0))[list(MIRRORED_ORDER)]
        crops[row], landmarks[row] = crop, (points - TEMPLATE) / EYES
    return torch.from_numpy(crops).float(), torch.from_numpy(landmarks)


def _cut(rng: np.random.Generator) -> NDArray[np.float64]:
    """(2, 3) crop_from_sample about the middle."""
    turn, growth = rng.normal(0, TURN), np.exp(rng.normal(0, GROWTH))
    cos, sin = growth * np.cos(turn), growth * np.sin(turn)
    linear = np.array([(cos, -sin), (sin, cos)])
    middle = (SIDE - 1) / 2
    shift = middle - linear @ np.full(2, middle + MARGIN) + rng.uniform(-SHIFT, SHIFT, 2)
    return np.column_stack([linear, shift])


def train(samples: Samples, steps: int, seed: int, held: int) -> LandmarkNetwork:
    """Adam with one cycle of the rate (Smith and Topin, 2018), in bfloat16.

    The loss is the mean distance, and beside it the likelihood of that distance under the error
    that the network expects (a Laplace distribution; Kendall and Gal, NeurIPS 2017), which does not
    teach where landmarks are.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = LandmarkNetwork(normalised=True).to(memory_format=torch.channels_last)
    nn.init.zeros_(network.answer.bias)
    with torch.no_grad():
        network.answer.weight *= 0.1
        network.answer.bias[10:] = np.log(0.05)
    out = (samples.people % held == 0).any(axis=1) if held else np.zeros(len(samples.people), bool)
    same = samples.people[:, 0] == samples.people[:, 1]
    learned, judged = np.flatnonzero(~out), np.flatnonzero(out & same)[:JUDGED]
    adam = torch.optim.AdamW(network.parameters(), FASTEST, weight_decay=DECAY)
    cycle = torch.optim.lr_scheduler.OneCycleLR(adam, FASTEST, steps)
    began, total = time.monotonic(), 0.0
    for step in range(steps):
        crops, wanted = drawn(samples, rng.choice(learned, BATCH), rng)
        with torch.autocast("cpu", torch.bfloat16):
            offsets, doubt = network(crops)
        apart = ((offsets.float() - wanted).square().sum(-1) + 1e-4).sqrt()
        unlikely = apart.detach() * torch.exp(-doubt.float()) + doubt.float()
        adam.zero_grad()
        torch.autograd.backward(apart.mean() + DOUBT * unlikely.mean())
        adam.step()
        cycle.step()
        total += apart.mean().item()
        if (step + 1) % TOLD == 0 or step + 1 == steps:
            told = f"step {step + 1}: {CROP_EYES * total / (step % TOLD + 1):.2f} px"
            if held:
                told += f", unknown people {error(network, samples, judged):.2f} px"
            print(f"{told}, {time.monotonic() - began:.0f} s", flush=True)
            total = 0.0
    return network.eval()


def error(network: LandmarkNetwork, samples: Samples, chosen: NDArray[np.int64]) -> float:
    """Mean distance from the truth, px of the 512 crop."""
    network.eval()
    with torch.inference_mode():
        crops, wanted = drawn(samples, chosen, None)
        found, _ = network(crops)
    network.train()
    return CROP_EYES * float((found - wanted).norm(dim=-1).mean())


def folded(network: LandmarkNetwork) -> dict[str, Tensor]:
    """The weights without batch normalisation, in float16."""
    plain = LandmarkNetwork()
    with torch.no_grad():
        for into, layer in zip(_convolutions(plain), _convolutions(network), strict=True):
            norm = layer.norm
            assert isinstance(norm, nn.BatchNorm2d)
            gain = norm.weight / (norm.running_var + norm.eps).sqrt()  # type: ignore[operator]
            into.kernel.weight.copy_(layer.kernel.weight * gain[:, None, None, None])
            assert into.kernel.bias is not None
            into.kernel.bias.copy_(norm.bias - norm.running_mean * gain)  # type: ignore[operator]
    plain.hidden.load_state_dict(network.hidden.state_dict())
    plain.answer.load_state_dict(network.answer.state_dict())
    return {name: value.half().contiguous() for name, value in plain.state_dict().items()}


def _convolutions(network: LandmarkNetwork) -> list[Convolution]:
    return [module for module in network.modules() if isinstance(module, Convolution)]


def main(argv: list[str] | None = None) -> None:
    """Make samples, train, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--samples", type=int, default=100000, help="of single people")
    parser.add_argument("--mixtures", type=int, default=60000, help="of pairs of people")
    parser.add_argument("--steps", type=int, default=30000)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--held", type=int, default=0)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args(argv)
    arguments.run.mkdir(parents=True, exist_ok=True)
    counts = arguments.samples, arguments.mixtures
    cache = arguments.run / f"samples-{counts[0]}-{counts[1]}-{arguments.seed}.npz"
    if not cache.exists():
        made = make(arguments.portraits, *counts, arguments.seed, arguments.workers)
        np.savez(cache, crops=made.crops, landmarks=made.landmarks, people=made.people)
    with np.load(cache, allow_pickle=False) as content:
        samples = Samples(**content)
    network = train(samples, arguments.steps, arguments.seed, arguments.held)
    if arguments.out:
        save_file(folded(network), arguments.out)
        digest = hashlib.sha256(arguments.out.read_bytes()).hexdigest()
        print(f"{arguments.out}: {arguments.out.stat().st_size / 1e3:.0f} kB, SHA-256 {digest}")


if __name__ == "__main__":
    main()
