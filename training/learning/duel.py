"""One adversarial step at a time: a restorer against a discriminator of fine detail.

The restorer keeps the losses of the first phase. Least squares alone leaves smooth what cannot be
known; the discriminator asks for what is likely there instead. It compares: a place of a result
with the same place of its truth (the paired relativistic loss; Jolicoeur-Martineau, "The
relativistic discriminator", ICLR 2019, arXiv 1807.00734), as a plain wall is no sign of a restored
picture. How strongly is told at the restorer's output, where both gradients can be compared: for
each picture the adversarial one is a given part as long as that of the other losses, less the less
wrong the picture is, so that mild wear, where nearly all is known, is left in peace, and less the
less the discriminator can tell it from its truth, which says nothing of use then.

The discriminator learns alone first, on what the start restores: one that knows nothing yet would
push in any direction. It learns more slowly than the restorer, so that this can follow.
"""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor

from training.judging.validation import to_unit
from training.learning.losses import coarse_error, detail_gap, mean_squares
from training.learning.optimising import autocast, follow, ramp, set_rate
from training.learning.trainer import face_weights
from training.networks.discriminator import PLACE, Discriminator
from training.networks.plain import PlainGpen
from vidrestore.restore.gpen.shape import GpenShape

_LEAST_NORM = 1e-12


@dataclass(frozen=True, slots=True)
class DuelRecipe:
    """Everything that decides what an adversarial run learns.

    Attributes:
        shape: of the restorer.
        steps: of the whole run.
        alone: the first of them, in which the discriminator learns alone.
        batch: whole crops per step.
        rate: learning rate of the restorer.
        discriminator_rate: of the discriminator.
        warm_up: steps over which the restorer's rate rises once it learns.
        decay_from: step from which both rates fall linearly, to a fiftieth at the last.
        average: steps over which the moving average forgets.
        seed: of everything.
        width: channels of the discriminator's first convolution.
        adversarial: length of the adversarial gradient at the output, in parts of the other
            losses', for a picture that is as wrong, and as surely told, as can be.
        medium: mean squared error, of [-1, 1], at which a picture gets half of that (4e-3 is what
            medium wear leaves, 30 dB): an error e gets e / (e + medium) of it.
        low: weight of the error of 8x8 means, so that brightness and colour stay.
        energy: weight of the gap in the local strength of detail.
        floor: squared error, of [-1, 1], added to a picture's own before its loss is divided by it.
    """

    shape: GpenShape
    steps: int = 10_000
    alone: int = 300
    batch: int = 4
    rate: float = 4e-4
    discriminator_rate: float = 2e-4
    warm_up: int = 200
    decay_from: int = 6_000
    average: float = 500.0
    seed: int = 1
    width: int = 32
    adversarial: float = 10.0
    medium: float = 4e-3
    low: float = 0.5
    energy: float = 0.4
    floor: float = 4e-4


class Duel:
    """A restorer in plain form and its discriminator; a ``Learner``.

    Args:
        recipe: what to learn.
        device: where.
        precision: type of the networks' arithmetic; parameters and losses stay float32.
        start: the restorer to begin with; it is copied.
    """

    def __init__(
        self, recipe: DuelRecipe, device: torch.device, precision: torch.dtype, start: PlainGpen
    ) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.device, self._precision = recipe, device, precision
        self.network, self.average = copy.deepcopy(start), copy.deepcopy(start)
        self.discriminator = Discriminator(recipe.width)
        for network in (self.network, self.average, self.discriminator):
            network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average.requires_grad_(requires_grad=False)
        learning = [p for p in self.network.parameters() if p.requires_grad]
        self._optimiser = torch.optim.Adam(learning, recipe.rate, (0.5, 0.99), fused=True)
        parameters = self.discriminator.parameters()
        rate = recipe.discriminator_rate
        self._opponent = torch.optim.Adam(parameters, rate, (0.0, 0.99), fused=True)
        self._weights = face_weights(recipe.shape.size).to(device)
        self._places = F.avg_pool2d(self._weights[None], PLACE)
        self.steps = 0

    @property
    def batch(self) -> int:
        """Samples per step."""
        return self.recipe.batch

    @property
    def samples(self) -> int:
        """Samples seen, by the discriminator at least."""
        return self.steps * self.recipe.batch

    def rate(self) -> float:
        """The restorer's learning rate in the next step; 0 while the discriminator is alone."""
        recipe = self.recipe
        learned = self.steps - recipe.alone
        if learned < 0:
            return 0.0
        return recipe.rate * min(1.0, (learned + 1) / recipe.warm_up) * self._fall()

    def _fall(self) -> float:
        return ramp(self.steps, self.recipe.decay_from, self.recipe.steps)

    def step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Let both learn from one batch, or the discriminator alone; gives the terms."""
        learns = self.steps >= self.recipe.alone
        source, truth = (to_unit(batch[name], self.device) for name in ("source", "truth"))
        with autocast(self.device, self._precision), torch.set_grad_enabled(learns):
            restored = self.network(source).float()
        # Cut in two here: what both are told of the result is compared before it goes further.
        seen = restored.detach().requires_grad_()
        with autocast(self.device, self._precision):
            made, true = self.discriminator(seen, source), self.discriminator(truth, source)
        terms = self._fidelity(seen, source, truth)
        if learns:
            self._teach_restorer(restored, seen, terms, made - true.detach())
        terms |= self._teach_discriminator(made, true)
        self.steps += 1
        if learns:
            taken = self.steps - self.recipe.alone
            follow(self.average, self.network, taken, self.recipe.average)
        del terms["error"]
        return {name: term.detach().mean() for name, term in terms.items()}

    def _fidelity(self, seen: Tensor, source: Tensor, truth: Tensor) -> dict[str, Tensor]:
        """The (N,) losses of the first phase ("total" is what to go down), and what they say."""
        recipe = self.recipe
        error, own = (mean_squares(x - truth, self._weights) for x in (seen, source))
        low = coarse_error(seen, source, truth, self._weights)
        gap = detail_gap(seen, truth, self._weights)
        total = error / (own + recipe.floor) + recipe.low * low + recipe.energy * gap
        gain = 10 * ((own + recipe.floor) / (error + recipe.floor)).log10()
        return {"total": total, "error": error, "low": low, "gap": gap, "gain": gain}

    def _teach_restorer(
        self,
        restored: Tensor,
        seen: Tensor,
        terms: dict[str, Tensor],
        lead: Tensor,
    ) -> None:
        """Step down both losses; adds to the terms what the discriminator charged.

        Args:
            restored: what the restorer gave.
            seen: the same, from which the losses were computed.
            terms: of :meth:`_fidelity`.
            lead: scores of the result over those of its truth, place by place.
        """
        recipe = self.recipe
        charged = (F.softplus(-lead) * self._places).mean((1, 2))
        (faithful,) = torch.autograd.grad(terms["total"].sum(), seen)
        (likely,) = torch.autograd.grad(charged.sum(), seen, retain_graph=True)
        # Luma is mostly green: followed as it is, this would draw green and purple strokes.
        likely = likely.mean(1, keepdim=True).expand_as(seen)
        error = terms["error"].detach()
        # From 0, where the result is taken for the truth as often as the truth is, to 1.
        certainty = (2 * (-lead.detach()).sigmoid().mean((1, 2)) - 1).clamp_min(0.0)
        share = recipe.adversarial * certainty * error / (error + recipe.medium)
        # Where the discriminator is less sure than elsewhere in the batch it is less heard.
        typical = _norms(likely).square().mean().sqrt() + _LEAST_NORM
        scale = share * _norms(faithful) / typical
        gradient = (faithful + scale[:, None, None, None] * likely) / len(seen)
        self._optimiser.zero_grad(set_to_none=True)
        restored.backward(gradient)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        set_rate(self._optimiser, self.rate())
        self._optimiser.step()
        terms |= {"adversarial": charged, "certainty": certainty, "share": share}

    def _teach_discriminator(self, made: Tensor, true: Tensor) -> dict[str, Tensor]:
        loss = F.softplus(made - true).mean()
        self._opponent.zero_grad(set_to_none=True)
        loss.backward(inputs=list(self.discriminator.parameters()))
        set_rate(self._opponent, self.recipe.discriminator_rate * self._fall())
        self._opponent.step()
        return {"true": true, "restored": made, "discriminator": loss}

    def state(self) -> dict[str, Any]:
        """Everything needed to go on; "average" and "shape" are what is exported."""
        return {
            "steps": self.steps,
            "network": self.network.state_dict(),
            "plain": self.average.state_dict(),
            "average": self.average.fold().state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "opponent": self._opponent.state_dict(),
            "shape": asdict(self.recipe.shape),
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`."""
        self.steps = state["steps"]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["plain"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.discriminator.load_state_dict(state["discriminator"])
        self._opponent.load_state_dict(state["opponent"])


def _norms(gradient: Tensor) -> Tensor:
    """(N, C, H, W) to the (N,) lengths."""
    return gradient.square().sum((1, 2, 3)).sqrt()
