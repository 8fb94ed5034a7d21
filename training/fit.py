"""Fit what the style says to the bank of filters, by least squares on whole pictures.

    python -m training.fit --portraits PORTRAITS --run training/runs/fit

A picture's error is a quadratic form in the weights of the bank's outputs. Its matrix, and what
the style is made of, are all that is needed of a picture: thousands of them fit in memory, and the
small network between the two is trained on them in a minute. The result is written as a run's
checkpoint, for train.py to begin with.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from dataclasses import asdict
from pathlib import Path

import cv2
import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn
from torch.utils.data import ConcatDataset

from training.dataset import TrainingPairs, ValidationPairs
from training.filters import FACE_COLUMNS, FACE_ROWS, OCTAVES, bank_size, start_with_filters
from training.forms import FLOOR, Forms, collect
from training.portraits import load_portraits
from training.run import pick_device, save
from training.trainer import Recipe, Trainer
from training.validation import Validation
from vidrestore.restore.allocator import keep_freed_memory
from vidrestore.restore.network import Gpen, Linear
from vidrestore.restore.shape import GpenShape

_FEW = 20
"""Numbers through which the style chooses weights: wear differs in few ways."""
_SHAKE, _FORGET = 0.1, 0.1
"""Noise on what is seen, and share of it that is hidden, while learning."""
_RIDGE = 1e-3
"""Share of the typical strength under which a mixture of the bank's outputs is left out."""


class Mixer(nn.Module):
    """From what is seen to the bank's weights: the network's own layers, on means of its map.

    Args:
        network: whose layers to copy the sizes of.
        forms: to bring what is seen to zero mean and unit variance, and weights to one scale.
    """

    def __init__(self, network: Gpen, forms: Forms) -> None:
        super().__init__()
        width = network.shape.style_width
        self.mean = forms.seen.mean(0)
        self.deviation = forms.seen.std(0) + 1e-4
        self.entry = nn.Linear(len(self.mean), width)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in network.mapping)
        self.few = nn.Linear(width, _FEW)
        self.exit = nn.Linear(_FEW, forms.vector.shape[1])
        # The bank's outputs are much alike; what is learned are weights of their independent parts.
        typical = (forms.matrix / (forms.error + FLOOR)[:, None, None]).mean(0).double()
        least = _RIDGE * typical.diagonal().mean() * torch.eye(len(typical), dtype=typical.dtype)
        factor = torch.linalg.cholesky(typical + least)
        self.mixed = torch.linalg.inv(factor).float()
        for layer in (self.entry, *self.layers):
            nn.init.kaiming_normal_(layer.weight, a=0.2)
            nn.init.zeros_(layer.bias)
        nn.init.normal_(self.exit.weight, std=0.03)
        nn.init.zeros_(self.exit.bias)

    def forward(self, seen: Tensor) -> Tensor:
        """(N, C) to (N, K)."""
        scaled = (seen - self.mean) / self.deviation
        if self.training:
            scaled = F.dropout(scaled + _SHAKE * torch.randn_like(scaled), _FORGET)
        style = _activate(self.entry(scaled))
        style = style * torch.rsqrt(style.square().mean(1, keepdim=True) + 1e-8)
        for layer in self.layers:
            style = _activate(layer(style))
        if self.training:
            style = F.dropout(style, _FORGET)
        return self.exit(self.few(style)) @ self.mixed

    @torch.no_grad()
    def install(self, network: Gpen) -> None:
        """Write what was learned into the network's layers."""
        entry = self.entry.weight / self.deviation
        cells = torch.zeros(4, 4)
        cells[FACE_ROWS, FACE_COLUMNS] = 1.0
        each = (entry[:, :, None] * (cells / cells.sum()).flatten()).flatten(1)
        _set(network.to_style, each, self.entry.bias - entry @ self.mean)
        for own, layer in zip(network.mapping, self.layers, strict=True):
            _set(own, layer.weight, layer.bias)
        weight = self.mixed.T @ self.exit.weight @ self.few.weight
        bias = self.mixed.T @ (self.exit.weight @ self.few.bias + self.exit.bias)
        first = 0
        for octave in range(1, OCTAVES + 1):
            modulation = network.to_rgb[-octave].conv.modulation
            used = bank_size(network.refining[-octave].conv.weight.shape[0])
            rows = slice(first, first + used)
            modulation.weight[:used] = weight[rows] / modulation.scale
            modulation.bias[:used] = bias[rows] / modulation.rate
            first += used


def _activate(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2) * math.sqrt(2.0)


def _set(layer: Linear, weight: Tensor, bias: Tensor) -> None:
    layer.weight.copy_(weight / layer.scale)
    layer.bias.copy_(bias / layer.rate)


def decibels(forms: Forms, weights: Tensor) -> Tensor:
    """(N,) what the weights gain over the input, as far as there is an error to mend."""
    return 10 * torch.log10((forms.error + FLOOR) / (forms.errors(weights).clamp_min(0) + FLOOR))


def learn(
    mixer: Mixer, forms: Forms, checked: Forms, *, steps: int, rate: float, decay: float
) -> dict[str, float]:
    """Train the mixer; it ends as it was when it did best on ``checked``."""
    optimiser = torch.optim.AdamW(mixer.parameters(), rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    generator = torch.Generator().manual_seed(5)
    best, kept = -math.inf, {name: value.clone() for name, value in mixer.state_dict().items()}
    for step in range(steps):
        chosen = torch.randint(len(forms.error), (128,), generator=generator)
        part = forms.part(chosen)
        gain = decibels(part, mixer(part.seen)).mean()
        optimiser.zero_grad()
        (-gain).backward()
        nn.utils.clip_grad_norm_(mixer.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 100 == 99:
            mixer.eval()
            with torch.no_grad():
                now = float(decibels(checked, mixer(checked.seen)).mean())
            mixer.train()
            if now > best:
                best = now
                kept = {name: value.clone() for name, value in mixer.state_dict().items()}
            print(
                f"step {step + 1}: {float(gain.detach()):.3f} dB, checked {now:.3f} dB", flush=True
            )
    mixer.load_state_dict(kept)
    mixer.eval()
    return {"gain_checked_db": best}


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument("--run", type=Path, required=True, help="folder of this run")
    parser.add_argument("--samples", type=int, default=8000, help="of each of the seeds")
    parser.add_argument("--seeds", type=int, nargs="+", default=[11], help="of the samples")
    parser.add_argument("--check", type=int, default=1000, help="samples not learned from")
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay", type=float, default=0.05)
    parser.add_argument(
        "--boost", type=float, default=0.5, help="share of fine detail added to the goal"
    )
    parser.add_argument("--seed", type=int, default=11, help="of the network and the mixer")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--narrow", type=float, default=0.25)
    parser.add_argument("--style-width", type=int, default=256)
    parser.add_argument("--mapping-depth", type=int, default=2)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Fit from the command line."""
    args = parse(argv)
    keep_freed_memory()
    cv2.setNumThreads(1)  # its thread pool does not survive the fork of the sample makers
    args.run.mkdir(parents=True, exist_ok=True)
    device = pick_device(args.device)
    shape = GpenShape.published(
        256,
        multiplier=1,
        narrow=args.narrow,
        style_width=args.style_width,
        mapping_depth=args.mapping_depth,
    )
    trainer = Trainer(Recipe(shape, seed=args.seed), device, torch.float32)
    network = trainer.network
    start_with_filters(network)
    cache = args.run / "forms.pt"
    if cache.exists():
        forms = Forms(**torch.load(cache, weights_only=True))
    else:
        portraits = load_portraits(args.portraits, "train")
        pairs = [TrainingPairs(portraits, args.samples, seed) for seed in args.seeds]
        began = time.monotonic()
        forms = collect(network, ConcatDataset(pairs), device, args.workers)
        print(f"{len(forms.error)} pictures in {time.monotonic() - began:.0f} s", flush=True)
        torch.save({name: getattr(forms, name) for name in Forms.__slots__}, cache)
    forms = forms.boosted(args.boost)
    mixer = Mixer(network, forms)
    count, held = len(forms.error), min(args.check, len(forms.error) // 4)
    order = torch.randperm(count, generator=torch.Generator().manual_seed(0))
    learned, checked = forms.part(order[held:]), forms.part(order[:held])
    learn(mixer, learned, checked, steps=args.steps, rate=args.rate, decay=args.decay)
    mixer.install(network)
    trainer.average.load_state_dict(network.state_dict())
    save(trainer.state(), args.run / "last.pt")
    validation = Validation(ValidationPairs(load_portraits(args.portraits, "validation")), device)
    results = validation.restore(trainer.average)
    row = {"samples": len(forms.error), "validation": validation.figures(results)}
    (args.run / "figures.json").write_text(json.dumps({**row, "recipe": asdict(trainer.recipe)}))
    validation.sheet(results, args.run / "sheet.png")
    print(json.dumps(row))


if __name__ == "__main__":
    main()
