"""One step of training at a time: the network, its optimiser and its moving average."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor

from training.identity import hold_copy, start_as_identity
from training.local import cut_off, draw_patches, restore_patches
from training.losses import LossWeights, relative_losses
from training.optimising import autocast, by_strength, follow, ramp, set_rate
from training.validation import to_unit
from vidrestore.restore.network import Gpen
from vidrestore.restore.shape import GpenShape


@dataclass(frozen=True, slots=True)
class LocalRecipe:
    """The first part of a run, on patches; see local.py.

    Attributes:
        until: sample from which whole faces are seen.
        coarsest: side of the lowest octave that learns before.
        side: of a patch, px.
        count: patches of each sample.
        margin: px at a patch's border that are not judged, as the network misses what lies beyond.
    """

    until: int = 0
    coarsest: int = 32
    side: int = 96
    count: int = 4
    margin: int = 8


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what a run learns.

    Attributes:
        shape: of the network.
        batch: samples per step.
        rate: learning rate of Adam before warm-up and decay, relative to each tensor's strength.
        warm_up: steps over which the rate rises.
        decay_from: sample from which the rate falls linearly, to a fiftieth at ``samples``.
        samples: at which to stop.
        average: steps over which the moving average forgets.
        seed: of everything.
        weights: of the losses.
        local: patches or whole faces.
    """

    shape: GpenShape
    batch: int = 4
    rate: float = 2e-3
    warm_up: int = 50
    decay_from: int = 1_000_000
    samples: int = 1_000_000
    average: float = 300.0
    seed: int = 1
    weights: LossWeights = field(default_factory=LossWeights)
    local: LocalRecipe = field(default_factory=LocalRecipe)


class Trainer:
    """The network, its optimiser and its moving average, one step at a time.

    Args:
        recipe: what to learn.
        device: where.
        precision: type of the network's arithmetic; parameters stay float32.
    """

    def __init__(self, recipe: Recipe, device: torch.device, precision: torch.dtype) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.device, self.precision = recipe, device, precision
        self.network = Gpen(recipe.shape)
        start_as_identity(self.network)
        if recipe.local.until:
            cut_off(self.network, recipe.local.coarsest)
        self.network.to(device, memory_format=torch.channels_last)
        self.average = Gpen(recipe.shape).to(device, memory_format=torch.channels_last)
        self.average.load_state_dict(self.network.state_dict())
        self.average.requires_grad_(False)
        self.optimiser = self._new_optimiser()
        self.steps = 0

    @property
    def batch(self) -> int:
        """Samples per step."""
        return self.recipe.batch

    @property
    def samples(self) -> int:
        """Samples seen."""
        return self.steps * self.recipe.batch

    def rate(self) -> float:
        """The learning rate of the next step."""
        recipe = self.recipe
        timing = (recipe.warm_up, recipe.decay_from, recipe.samples)
        return recipe.rate * ramp(self.samples, self.steps, *timing)

    def step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Learn from a batch; gives the loss terms."""
        local = self.samples < self.recipe.local.until
        set_rate(self.optimiser, self.rate())
        terms = (self._patch_losses if local else self._face_losses)(batch)
        self.optimiser.zero_grad(set_to_none=True)
        terms["loss"].backward()
        hold_copy(self.network)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.steps += 1
        follow(self.average, self.network, self.steps, self.recipe.average)
        return {name: term.detach() for name, term in terms.items()}

    def _face_losses(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        source, truth = (to_unit(batch[name], self.device) for name in ("source", "truth"))
        landmarks = batch["landmarks"].to(self.device, non_blocking=True)
        with autocast(self.device, self.precision):
            restored = self.network(source)
        return relative_losses(
            restored.float(),
            source,
            truth,
            landmarks,
            face=truth.shape[-1],
            weights=self.recipe.weights,
        )

    def _patch_losses(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        local = self.recipe.local
        patches = draw_patches(batch, local.side, local.count, (self.recipe.seed, self.steps))
        source, truth = (to_unit(patches[name], self.device) for name in ("source", "truth"))
        landmarks = patches["landmarks"].to(self.device) - local.margin
        with autocast(self.device, self.precision):
            restored = restore_patches(self.network, source, local.coarsest)
        judged = slice(local.margin, local.side - local.margin)
        inner = [x[..., judged, judged] for x in (restored.float(), source, truth)]
        face = batch["truth"].shape[-1]
        return relative_losses(*inner, landmarks, face=face, weights=self.recipe.weights)

    def state(self) -> dict[str, Any]:
        """Everything needed to go on; ``g_ema`` as in published training checkpoints."""
        return {
            "steps": self.steps,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "shape": asdict(self.recipe.shape),
        }

    def start_from(self, state: dict[str, Any]) -> None:
        """Begin with another run's averaged network."""
        self.network.load_state_dict(state["average"])
        self.average.load_state_dict(state["average"])
        self.optimiser = self._new_optimiser()

    def _new_optimiser(self) -> torch.optim.Adam:
        return by_strength(self.network, self.recipe.rate, (0.9, 0.99))

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`."""
        self.steps = state["steps"]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
