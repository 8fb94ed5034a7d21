"""The fixed validation set's figures and picture sheet, watched while training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from training.samples.dataset import LEVELS, ValidationPairs
from vidrestore.picture.luma import BT601

Network = Callable[[Tensor], Tensor]
_UNTOUCHED = "untouched"
_HARMLESS = 45.0


def to_unit(samples: Tensor, device: torch.device) -> Tensor:
    """(N, 3, S, S) uint8 to float32 in [-1, 1] on the device, channels last."""
    moved = samples.to(device, non_blocking=True, memory_format=torch.channels_last)
    return moved.float().div_(127.5).sub_(1.0)


class Validation:
    """Judges a network on pairs that never change.

    Args:
        pairs: what to judge on; made once and kept.
        device: where the network is.
        batch: pictures at a time.
    """

    def __init__(self, pairs: ValidationPairs, device: torch.device, batch: int = 4) -> None:
        items = [pairs[i] for i in range(len(pairs))]
        self._source = torch.stack([item["source"] for item in items])
        self._truth = torch.stack([item["truth"] for item in items])
        self._device, self._batch = device, batch

    @torch.no_grad()
    def restore(self, network: Network) -> Tensor:
        """The (N, 3, S, S) uint8 results."""
        results = []
        for part in self._source.split(self._batch):
            y = network(to_unit(part, self._device)).float().cpu()
            results.append(((y + 1) * 127.5).round().clamp(0, 255).to(torch.uint8))
        return torch.cat(results).contiguous()

    def figures(self, results: Tensor) -> dict[str, dict[str, float]]:
        """By level: PSNR of input and output, of their 8x8 means, and correlated fine detail.

        ``detail`` is the part of the truth's energy above half the Nyquist frequency that the
        picture holds, ``energy`` its total energy there over the truth's.
        """
        table = {}
        for place, level in enumerate(LEVELS):
            row: dict[str, float] = {}
            truth = self._truth[place :: len(LEVELS)].float()
            for name, pictures in (("in", self._source), ("out", results)):
                mine = pictures[place :: len(LEVELS)].float()
                row[f"psnr_{name}"] = _psnr(mine - truth)
                row[f"low_{name}"] = _psnr(torch.nn.functional.avg_pool2d(mine - truth, 8))
                row[f"detail_{name}"], row[f"energy_{name}"] = _detail(mine, truth)
            table[level] = {key: round(value, 4) for key, value in row.items()}
        return table

    def sheet(self, results: Tensor, path: Path, portraits: int = 6) -> None:
        """Write input, result and truth of the first portraits at every level as a PNG."""
        rows = []
        count = min(portraits * len(LEVELS), len(self._truth))
        for first in range(0, count, len(LEVELS)):
            several = slice(first, first + len(LEVELS))
            rows.extend(
                torch.cat((*pictures[several], self._truth[first]), dim=2)
                for pictures in (self._source, results)
            )
        image = torch.cat(rows, dim=1).permute(1, 2, 0).numpy()
        cv2.imwrite(str(path), np.ascontiguousarray(image[..., ::-1]))


def score(figures: dict[str, dict[str, float]]) -> float:
    """What a network is kept for: dB over the input, averaged over the worn levels.

    What it does to untouched pictures counts against it as far as it is under 45 dB.
    """
    gains = [
        row["psnr_out"] - row["psnr_in"] for name, row in figures.items() if name != _UNTOUCHED
    ]
    harm = max(0.0, _HARMLESS - figures[_UNTOUCHED]["psnr_out"])
    return sum(gains) / len(gains) - harm


def _psnr(difference: Tensor) -> float:
    """Mean over the pictures, dB, 255 being the peak."""
    error = difference.square().mean((1, 2, 3)).clamp_min(1e-3)
    return float((10 * torch.log10(255.0**2 / error)).mean())


def _detail(mine: Tensor, truth: Tensor) -> tuple[float, float]:
    side = truth.shape[-1]
    frequency = torch.fft.fftfreq(side)
    fine = torch.hypot(frequency[:, None], frequency[None, :]) > 0.25
    window = torch.hann_window(side)
    luma = torch.tensor(BT601)[:, None, None]
    a, b = (
        torch.fft.fft2((x * luma).sum(1) * window * window[:, None])[:, fine] for x in (mine, truth)
    )
    power = b.abs().square().sum(1)
    correlated = (a * b.conj()).real.sum(1) / power
    return float(correlated.mean()), float((a.abs().square().sum(1) / power).mean())
