"""Adaptive discriminator augmentation: few portraits, and a discriminator that cannot learn them.

Karras et al., "Training Generative Adversarial Networks with Limited Data", NeurIPS 2020, arXiv
2006.06676. Every picture that the discriminator sees, true or restored, is altered with probability
p in each of several ways; p rises as long as the discriminator is too sure of the true ones. As
every alteration is left out often enough, the generator does not learn them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor

from vidrestore.picture.luma import BT601

_MOST = 0.85
"""Beyond this probability, alterations begin to show in what is generated."""
_SHIFT = 0.125
_SCALE = 0.2 * math.log(2.0)
_TURN = math.radians(10.0)
_BRIGHTNESS = 0.2
_CONTRAST = 0.5 * math.log(2.0)
_SATURATION = math.log(2.0)


@dataclass(frozen=True, slots=True)
class AdaptiveRecipe:
    """How the probability is steered.

    Attributes:
        target: mean sign of the discriminator's scores of true pictures that is aimed at.
        reach: true pictures after which p has risen from nought to one, at the fastest.
        interval: steps between two changes of p.
    """

    target: float = 0.6
    reach: int = 100_000
    interval: int = 4


class Adaptive:
    """The probability of augmentation, steered by the discriminator's own certainty.

    Args:
        recipe: how.
        batch: true pictures per step.
        device: where the scores are; nothing is read back from it but at the intervals.
    """

    def __init__(self, recipe: AdaptiveRecipe, batch: int, device: torch.device) -> None:
        self.recipe, self.batch = recipe, batch
        self.probability = 0.0
        self.certainty = 0.0
        self._signs = torch.zeros((), device=device)
        self._steps = 0

    def observe(self, scores: Tensor) -> None:
        """Count the (N,) scores of true pictures; changes the probability every few steps."""
        self._signs = self._signs + scores.detach().sign().mean()
        self._steps += 1
        if self._steps < self.recipe.interval:
            return
        self.certainty = float(self._signs) / self._steps
        change = self._steps * self.batch / self.recipe.reach
        change = math.copysign(change, self.certainty - self.recipe.target)
        self.probability = min(_MOST, max(0.0, self.probability + change))
        self._signs, self._steps = torch.zeros_like(self._signs), 0

    def state(self) -> dict[str, Any]:
        """Everything needed to go on."""
        counted = {"signs": float(self._signs), "steps": self._steps}
        return {"probability": self.probability, "certainty": self.certainty, **counted}

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`."""
        self.probability, self.certainty = state["probability"], state["certainty"]
        self._signs = torch.full_like(self._signs, state["signs"])
        self._steps = state["steps"]


def augment(
    pictures: tuple[Tensor, ...], probability: float, generator: torch.Generator
) -> tuple[Tensor, ...]:
    """Alter pictures, each of a batch in its own way, and alike in all of the given ones.

    Mirroring, shifts by whole pixels, slight turns and scaling, brightness, contrast and
    saturation; differentiable.

    Args:
        pictures: (N, 3, S, S) RGB in about [-1, 1] each: what is judged, and what belongs to it.
        probability: of every alteration, 0 to 1; 0 returns the pictures themselves.
        generator: on the CPU, so that a draw is the same on every device.

    Returns:
        As many (N, 3, S, S) in float32, whatever autocast says.
    """
    if probability <= 0:
        return pictures
    count, size = pictures[0].shape[0], pictures[0].shape[-1]
    device = pictures[0].device
    colours = _colours(count, probability, generator).to(device, non_blocking=True)
    places = _places(count, size, probability, generator).to(device, non_blocking=True)
    with torch.autocast(device.type, enabled=False):  # pictures have finer steps than bfloat16
        grid = F.affine_grid(places, [count, 3, size, size], align_corners=False)
        return tuple(_sample(_recoloured(x.float(), colours), grid) for x in pictures)


class _Draws:
    """Random numbers of a batch, each put to use with the given probability."""

    def __init__(self, count: int, probability: float, generator: torch.Generator) -> None:
        self._count, self._probability, self._generator = count, probability, generator

    def normal(self, sigma: float) -> Tensor:
        values = torch.randn(self._count, generator=self._generator) * sigma
        return values * self._used()

    def uniform(self, most: float) -> Tensor:
        values = (torch.rand(self._count, generator=self._generator) * 2 - 1) * most
        return values * self._used()

    def signs(self) -> Tensor:
        minus = torch.rand(self._count, generator=self._generator) < 0.5
        return 1.0 - 2.0 * minus * self._used()

    def _used(self) -> Tensor:
        return torch.rand(self._count, generator=self._generator) < self._probability


def _places(count: int, size: int, probability: float, generator: torch.Generator) -> Tensor:
    """(N, 2, 3): from places in the result to places in the picture, both -1 to 1."""
    draws = _Draws(count, probability, generator)
    mirror = draws.signs()
    shift = [draws.uniform(_SHIFT).mul(size).round() * (2 / size) for _ in range(2)]
    scale, angle = draws.normal(_SCALE).exp(), draws.uniform(_TURN)
    cos, sin = angle.cos() * scale, angle.sin() * scale
    rows = [torch.stack(row, dim=1) for row in ((cos * mirror, -sin), (sin * mirror, cos))]
    return torch.cat((torch.stack(rows, dim=1), torch.stack(shift, dim=1)[:, :, None]), dim=2)


def _sample(x: Tensor, grid: Tensor) -> Tensor:
    return F.grid_sample(x, grid, "bilinear", padding_mode="reflection", align_corners=False)


def _colours(count: int, probability: float, generator: torch.Generator) -> Tensor:
    """(N, 3, 4): colour of the result from colour of the picture and one."""
    draws = _Draws(count, probability, generator)
    brightness = draws.normal(_BRIGHTNESS)
    contrast = draws.normal(_CONTRAST).exp()
    saturation = draws.normal(_SATURATION).exp().clamp_max(3.0)[:, None, None]
    gray = torch.tensor(BT601).expand(3, 3)
    turned = contrast[:, None, None] * (gray + saturation * (torch.eye(3) - gray))
    return torch.cat((turned, brightness[:, None, None].expand(-1, 3, 1)), dim=2)


def _recoloured(x: Tensor, matrix: Tensor) -> Tensor:
    return torch.einsum("ncd,ndhw->nchw", matrix[..., :3], x) + matrix[..., 3:, None]
