"""Trains what brings results nearer to the truth in large crops, and writes it beside the network.

    python -m training.refinement --pool training/runs/pool \
        --network NETWORK.safetensors --out vidrestore/weights/NAME.safetensors

For given gains of a face's bands, the error that is left is a quadratic form in these; it is made
once for every sample, so that learning takes seconds. Each sample's error counts in parts of its
own, so that mild wear counts as much as heavy, and what makes a face worse than its source counts
more. Samples should show large faces (``training.pool --large 1``), partly softened
(``--softened``): portraits are sharper than most faces in videos. The last eighth of each pool's
samples is held back.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.evaluate import Product
from training.learning.beside import learned_from, parser_beside
from training.learning.optimising import cosine, descend
from training.learning.trainer import face_weights
from training.pool import Pool
from training.samples.portraits import CROP
from vidrestore.align.crop import FINER
from vidrestore.config import RestoreConfig
from vidrestore.picture.luma import luma_of
from vidrestore.restore.detail import (
    BANDS,
    PARTS,
    STRENGTHS,
    Bands,
    Refinable,
    RefinementNetwork,
)
from vidrestore.restore.gpen.checkpoint import read_checkpoint, write_checkpoint
from vidrestore.restore.loading import load_model

_BATCH = 256
_RATE = 3e-3
_DECAY = 1e-2
_HARM: Final = 4.0
"""What error beyond the source's counts more than error does."""
_FLOOR: Final = 2.0
"""Mean square, of levels of 0..255, added to a sample's error before its loss is divided by it."""
_CONTRAST: Final = -0.8, 0.4
"""Bounds of the logarithm of the factor on the contrast of most samples."""
_CHANGED = 0.6
_LEANING: Final = 0.0, 0.15, 0.3
"""Of each part's own mean squares, that gains are taken to amplify as noise: changes and what a
frame alone shows are not quite the program's."""
_UNSURE: Final = 0.1, 0.1, 0.5
"""Mean squares of white noise, levels squared, that gains of each part are taken to amplify too."""
_SHAKEN = 0.3
"""Deviation, of each value's own, of what is added to what is known but for scale: recordings
differ from samples, and what leans on a single value, or on a fine difference of two, fails."""


class Samples(NamedTuple):
    """What is known of faces, and what gains would do to them.

    Attributes:
        known: (N, KNOWN), as ``RefinementNetwork`` is shown it.
        gram: (N, G, G) mean products of what unit gains add, levels squared; G is PARTS * COUNT.
        towards: (N, G) mean products of that and of what the result lacks.
        lacking: (N,) mean squares of what the result lacks.
        source: (N,) of what the source lacks.
    """

    known: Tensor
    gram: Tensor
    towards: Tensor
    lacking: Tensor
    source: Tensor

    def at(self, places: Tensor | slice) -> Samples:
        """Some of them."""
        return Samples(*(x[places] for x in self))

    def left(self, gains: Tensor) -> Tensor:
        """(N,) mean squares that are left with gains (N, PARTS, COUNT)."""
        flat = gains.flatten(1)
        added = torch.einsum("nij,ni,nj->n", self.gram, flat, flat)
        return self.lacking + added - 2 * (self.towards * flat).sum(1)


def sample_of(
    face: Refinable,
    missing: NDArray[np.float32],
    lacking: NDArray[np.float32],
    weights: NDArray[np.float32],
) -> Samples:
    """One sample.

    Args:
        face: as the network sees it.
        missing: (W, W) levels, the truth less the result.
        lacking: the truth less the source.
        weights: (W, W), what pixels count, one on average.
    """
    units = np.eye(BANDS, dtype=np.float32)
    added = np.stack([part.summed(unit).ravel() for part in face.parts for unit in units])
    counted = added * (weights.ravel() / weights.size)
    found = (
        face.known(),
        counted @ added.T,
        counted @ missing.ravel(),
        (weights * missing**2).mean(),
        (weights * lacking**2).mean(),
    )
    return Samples(*(torch.from_numpy(np.asarray(x, np.float32))[None] for x in found))


def samples_of(pool: Pool, model: Product, count: int) -> Samples:
    """What a model makes of the first samples of a pool, as far as their faces are large.

    Raises:
        ValueError: none is.
    """
    weights, rows = face_weights(CROP).numpy(), []
    for (base, truth, own), pixel in zip(pool.pictures[:count], pool.pixels[:count], strict=True):
        if pixel * model.size > FINER * CROP:  # the program has no larger crop for it
            continue
        alone, before, after, true = (luma_of(x) for x in (own, base, model(base), truth))
        face = Refinable.of(alone, before, after, float(pixel))
        rows.append(sample_of(face, true - after, true - before, weights))
    if not rows:
        raise ValueError("no face of the pool is large: training.pool --large makes some")
    return joined(rows)


def joined(parts: Sequence[Samples]) -> Samples:
    """All of them."""
    return Samples(*(torch.cat(column) for column in zip(*parts, strict=True)))


def learn(samples: Samples, steps: int, seed: int) -> RefinementNetwork:
    """Train on samples.

    Args:
        samples: to draw from.
        steps: of one batch each.
        seed: of start and draws.
    """
    torch.manual_seed(seed)
    network, scale = RefinementNetwork(), Scale.of(samples)
    with torch.no_grad():
        network.give.weight.zero_()
        network.give.bias.zero_()
    parameters = list(network.parameters())
    optimiser, logged = torch.optim.AdamW(parameters, _RATE, weight_decay=_DECAY), []
    for step in range(steps):
        drawn = samples.at(torch.randint(len(samples.known), (_BATCH,)))
        loss = _loss(network, drawn, scale)
        descend(optimiser, loss, _RATE * cosine(step, steps))
        logged.append(float(loss.detach()))
        if (step + 1) % 1000 == 0:
            print(f"{step + 1}: {np.mean(logged[-1000:]):.4f}", flush=True)
    return _of_raw_values(network, scale)


class Scale(NamedTuple):
    """What samples are like.

    Attributes:
        usual: (KNOWN,) means of what is known.
        spread: (KNOWN,) its deviations.
        strengths: (PARTS, BANDS) what usual unit gains add, levels.
        unsure: (PARTS, BANDS) mean squares of what no sample shows: rounding, and how the program
            cuts crops and brings them over.
    """

    usual: Tensor
    spread: Tensor
    strengths: Tensor
    unsure: Tensor

    @classmethod
    def of(cls, samples: Samples) -> Scale:
        """Measure them."""
        spread, usual = torch.std_mean(samples.known, 0)
        strengths = samples.gram.diagonal(dim1=1, dim2=2).mean(0).sqrt().clamp(min=1e-3)
        noise = np.random.default_rng(0).normal(0, 1, (CROP, CROP)).astype(np.float32)
        energies = torch.from_numpy(Bands.of(noise).energies().mean((1, 2)))
        unsure = torch.tensor(_UNSURE)[:, None] * energies
        return cls(usual, spread.clamp(min=1e-3), strengths.reshape(PARTS, BANDS), unsure)


def _loss(network: RefinementNetwork, samples: Samples, scale: Scale) -> Tensor:
    """What is left of the error less what was there, in parts of it: negative is good.

    Args:
        network: shown known values less their usual ones over their spread, tells gains times the
            strengths of what they amplify, so that all are learned alike.
        samples: whose contrast is changed.
        scale: of all samples.
    """
    count = len(samples.known)
    low, high = _CONTRAST
    contrast = torch.empty(count).uniform_(low, high) * (torch.rand(count) < _CHANGED)
    known = (samples.known - scale.usual) / scale.spread
    known[:, :-1] += _SHAKEN * torch.randn_like(known[:, :-1])
    known[:, :STRENGTHS] += 2 * contrast[:, None] / scale.spread[:STRENGTHS]
    gains = network(known) / scale.strengths
    factor = (2 * contrast).exp()
    own = samples.gram.diagonal(dim1=1, dim2=2).reshape(-1, PARTS, BANDS)
    unsure = scale.unsure / factor[:, None, None] + torch.tensor(_LEANING)[:, None] * own
    left = samples.left(gains) + (gains.square() * unsure).sum((1, 2))
    whole = factor * (samples.lacking + samples.source) / 2 + _FLOOR
    harm = (left - samples.source).relu()
    loss: Tensor = (factor * (left - samples.lacking + _HARM * harm) / whole).mean()
    return loss


@torch.no_grad()
def _of_raw_values(network: RefinementNetwork, scale: Scale) -> RefinementNetwork:
    """The same network, shown values as they are known, telling gains as they are."""
    strengths = scale.strengths.flatten()
    network.see.weight.div_(scale.spread)
    network.see.bias.sub_(network.see.weight @ scale.usual)
    network.give.weight.div_(strengths[:, None])
    network.give.bias.div_(strengths)
    return network.eval().requires_grad_(requires_grad=False)


@torch.inference_mode()
def won(network: RefinementNetwork, samples: Samples) -> list[Tensor]:
    """(N,) dB that the result is nearer to the truth than it was, and than the source is."""
    left = samples.left(network(samples.known)).clamp(min=0) + _FLOOR
    return [10 * ((x + _FLOOR) / left).log10() for x in (samples.lacking, samples.source)]


def main(argv: list[str] | None = None) -> None:
    """Train from the command line."""
    what = "weight file of a GPEN"
    parser = parser_beside(__doc__, count=6000, steps=8000, what=what)
    parser.add_argument("--also", type=Path, action="append", default=[], help="a further pool")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args(argv)
    torch.set_num_threads(args.threads)
    config = RestoreConfig(model=str(args.network), device="cpu", threads=1)
    model, known, held = Product(load_model(config).restorer), [], []
    for folder in (args.pool, *args.also):
        pool = Pool(folder)
        samples = samples_of(pool, model, min(args.count, len(pool)))
        learned = learned_from(len(samples.known))
        known.append(samples.at(slice(learned)))
        held.append(samples.at(slice(learned, None)))
    network = learn(joined(known), args.steps, args.seed)
    result, source = won(network, joined(held))
    print(
        f"{len(result)} held back: {result.mean():.3f} dB nearer than the result was, "
        f"{source.mean():.3f} than the source is; at worst {result.min():.3f}, {source.min():.3f}",
        flush=True,
    )
    checkpoint = read_checkpoint(args.network)
    detail = checkpoint.build_detail()
    missing = detail.missing_network if detail else None
    beside = (checkpoint.build_confidence(), missing, network)
    write_checkpoint(checkpoint.build(), args.out, beside=beside)
    print(f"{args.out}: SHA-256 {read_checkpoint(args.out).sha256}", flush=True)


if __name__ == "__main__":
    main()
