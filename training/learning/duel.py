"""One adversarial step at a time: a restorer against a discriminator.

The restorer keeps the losses of the first phase and is charged, besides, for what looks different
to face detectors and for what the discriminator takes for restored: the non-saturating loss of
Goodfellow et al. (NeurIPS 2014), the discriminator being held smooth by R1 on true pictures
(Mescheder et al., "Which Training Methods for GANs do actually Converge?", ICML 2018), every few
steps only (StyleGAN2's lazy regularisation).
"""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor

from training.judging.validation import to_unit
from training.learning.losses import LossWeights, relative_losses
from training.learning.optimising import autocast, by_strength, follow, ramp, set_rate
from training.networks.adaptive import Adaptive, AdaptiveRecipe, augment
from training.networks.discriminator import Discriminator, DiscriminatorShape
from training.networks.perceptual import PerceptualLoss
from training.networks.plain import PlainGpen
from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.shape import GpenShape


@dataclass(frozen=True, slots=True)
class DuelRecipe:
    """Everything that decides what an adversarial run learns.

    Attributes:
        shape: of the restorer.
        width: of the discriminator's channels, in parts of a full GPEN's.
        conditional: whether the discriminator sees the worn picture too.
        batch: samples per step.
        rate: learning rate of the restorer, relative to each tensor's strength.
        discriminator_rate: of the discriminator, whose weights are of strength one.
        warm_up: steps over which both rise.
        decay_from: sample from which both fall linearly, to a fiftieth at ``samples``.
        samples: at which to stop.
        average: steps over which the moving average forgets.
        seed: of everything.
        adversarial: weight of the discriminator's verdict against the relative losses.
        perceptual: weight of the perceptual distance.
        penalty: gamma of R1.
        penalty_interval: steps from one penalty to the next.
        weights: of the losses of the first phase.
        adaptive: augmentation of what the discriminator sees.
    """

    shape: GpenShape
    width: float = 0.25
    conditional: bool = True
    batch: int = 8
    rate: float = 1e-3
    discriminator_rate: float = 1e-3
    warm_up: int = 200
    decay_from: int = 1_000_000
    samples: int = 1_000_000
    average: float = 1000.0
    seed: int = 1
    adversarial: float = 0.05
    perceptual: float = 0.5
    penalty: float = 1.0
    penalty_interval: int = 16
    weights: LossWeights = field(default_factory=LossWeights)
    adaptive: AdaptiveRecipe = field(default_factory=AdaptiveRecipe)


class Duel:
    """A restorer and its discriminator; a ``Learner``.

    Args:
        recipe: what to learn.
        device: where.
        precision: type of the networks' arithmetic; parameters and R1 stay float32.
        start: the restorer to begin with, a GPEN or one in plain form, which learns far better;
            it is copied.
    """

    def __init__(
        self,
        recipe: DuelRecipe,
        device: torch.device,
        precision: torch.dtype,
        start: PlainGpen | Gpen,
    ) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.device, self._precision = recipe, device, precision
        self.network, self.average = copy.deepcopy(start), copy.deepcopy(start)
        form = DiscriminatorShape(recipe.shape.size, recipe.width, recipe.conditional)
        self.discriminator = Discriminator(form)
        self.perceptual = PerceptualLoss()
        for network in (self.network, self.average, self.discriminator, self.perceptual):
            network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average.requires_grad_(requires_grad=False)
        self._optimiser = by_strength(self.network, recipe.rate, (0.5, 0.99))
        # The penalty comes every few steps only: Adam is slowed as StyleGAN2 does.
        share = recipe.penalty_interval / (recipe.penalty_interval + 1)
        self._slowed = recipe.discriminator_rate * share
        parameters = self.discriminator.parameters()
        self._opponent = torch.optim.Adam(parameters, self._slowed, (0.0, 0.99**share), fused=True)
        self.adaptive = Adaptive(recipe.adaptive, recipe.batch, device)
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
        """The restorer's learning rate in the next step."""
        return self.recipe.rate * self._ramp()

    def _ramp(self) -> float:
        recipe = self.recipe
        timing = (recipe.warm_up, recipe.decay_from, recipe.samples)
        return ramp(self.samples, self.steps, *timing)

    def step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Let the restorer learn, then the discriminator, from one batch; gives the terms."""
        source, truth = (to_unit(batch[name], self.device) for name in ("source", "truth"))
        landmarks = batch["landmarks"].to(self.device, non_blocking=True)
        draws = torch.Generator().manual_seed(hash((self.recipe.seed, self.steps)))
        with autocast(self.device, self._precision):
            restored = self.network(source)
        restored = restored.float()
        terms = self._teach_restorer(restored, source, truth, landmarks, draws)
        terms |= self._teach_discriminator(restored.detach(), source, truth, draws)
        self.steps += 1
        follow(self.average, self.network, self.steps, self.recipe.average)
        terms["probability"] = torch.tensor(self.adaptive.probability)
        return {name: term.detach() for name, term in terms.items()}

    def _teach_restorer(
        self,
        restored: Tensor,
        source: Tensor,
        truth: Tensor,
        landmarks: Tensor,
        draws: torch.Generator,
    ) -> dict[str, Tensor]:
        recipe = self.recipe
        face, weights = truth.shape[-1], recipe.weights
        terms = relative_losses(restored, source, truth, landmarks, face=face, weights=weights)
        self.discriminator.requires_grad_(requires_grad=False)
        with autocast(self.device, self._precision):
            terms["perceptual"] = self.perceptual(restored, truth, landmarks).mean()
            terms["adversarial"] = F.softplus(-self._scores(restored, source, draws)).mean()
        self.discriminator.requires_grad_(requires_grad=True)
        loss = terms["loss"] + recipe.perceptual * terms["perceptual"]
        loss = loss + recipe.adversarial * terms["adversarial"]
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        set_rate(self._optimiser, self.rate())
        self._optimiser.step()
        return terms

    def _teach_discriminator(
        self, restored: Tensor, source: Tensor, truth: Tensor, draws: torch.Generator
    ) -> dict[str, Tensor]:
        with autocast(self.device, self._precision):
            fake = self._scores(restored, source, draws)
            true = self._scores(truth, source, draws)
        loss = F.softplus(fake).mean() + F.softplus(-true).mean()
        terms = {"true": true.mean(), "restored": fake.mean()}
        if self.steps % self.recipe.penalty_interval == 0:
            terms["penalty"] = self._penalty(source, truth, draws)
            weight = self.recipe.penalty / 2 * self.recipe.penalty_interval
            loss = loss + weight * terms["penalty"]
        self._opponent.zero_grad(set_to_none=True)
        loss.backward()
        set_rate(self._opponent, self._slowed * self._ramp())
        self._opponent.step()
        self.adaptive.observe(true)
        return {**terms, "discriminator": loss}

    def _scores(self, picture: Tensor, source: Tensor, draws: torch.Generator) -> Tensor:
        return self.discriminator(*augment((picture, source), self.adaptive.probability, draws))  # type: ignore[no-any-return]

    def _penalty(self, source: Tensor, truth: Tensor, draws: torch.Generator) -> Tensor:
        """R1: the mean squared slope of the scores where pictures are true, as they are seen."""
        seen, worn = augment((truth, source), self.adaptive.probability, draws)
        seen = seen.detach().requires_grad_()
        scores = self.discriminator(seen, worn)
        (slope,) = torch.autograd.grad(scores.sum(), seen, create_graph=True)
        return slope.square().sum((1, 2, 3)).mean()

    def state(self) -> dict[str, Any]:
        """Everything needed to go on; "average" and "shape" are what is exported."""
        plain = {"plain": self.average.state_dict()} if isinstance(self.average, PlainGpen) else {}
        exported = self.average.fold() if isinstance(self.average, PlainGpen) else self.average
        return {
            "steps": self.steps,
            "network": self.network.state_dict(),
            **plain,
            "average": exported.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "opponent": self._opponent.state_dict(),
            "adaptive": self.adaptive.state(),
            "shape": asdict(self.recipe.shape),
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`."""
        self.steps = state["steps"]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state.get("plain", state["average"]))
        self._optimiser.load_state_dict(state["optimiser"])
        self.discriminator.load_state_dict(state["discriminator"])
        self._opponent.load_state_dict(state["opponent"])
        self.adaptive.resume(state["adaptive"])
