"""Pictures' errors as quadratic forms in the weights of the bank of filters."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from training.dataset import Pair
from training.filters import bank_features
from training.losses import feature_weights
from training.validation import to_unit
from vidrestore.restore.network import Gpen, double

_BORDER = 8
FLOOR = 1e-4
"""Added to a picture's squared error (of [-1, 1]) before its logarithm: about 46 dB."""


@dataclass(frozen=True, slots=True, eq=False)
class Forms:
    """The pictures' errors as functions of the bank's weights c: e - 2 b.c + c.A.c.

    Attributes:
        seen: (N, C) what the style is made of.
        matrix: (N, K, K) A.
        vector: (N, K) b.
        error: (N,) e, the input's own.
        fine_vector: (N, K) what b gains when the truth's fine detail is added to the goal.
        fine_error: (N, 2) what e gains, in the first and second power of how much is added.
    """

    seen: Tensor
    matrix: Tensor
    vector: Tensor
    error: Tensor
    fine_vector: Tensor
    fine_error: Tensor

    def errors(self, weights: Tensor) -> Tensor:
        """(N,) squared errors for (N, K) weights."""
        bent = torch.einsum("nk,nkl,nl->n", weights, self.matrix, weights)
        return self.error - 2 * (weights * self.vector).sum(1) + bent

    def part(self, chosen: Tensor) -> Forms:
        """Some of the pictures."""
        return Forms(*(getattr(self, name)[chosen] for name in self.__slots__))

    def boosted(self, amount: float) -> Forms:
        """The same pictures with some of the truth's fine detail added to the goal.

        The least squares of what cannot be known are smooth; this makes up for some of it. A
        picture gets up to ``amount``, the less the better it was to begin with.
        """
        first, second = self.fine_error.T
        share = amount * self.error / (self.error + second + FLOOR)
        return replace(
            self,
            vector=self.vector + share[:, None] * self.fine_vector,
            error=self.error + share * first + share**2 * second,
        )

    @classmethod
    def joined(cls, parts: list[Forms]) -> Forms:
        """All pictures of several forms."""
        return cls(*(torch.cat([getattr(p, name) for p in parts]) for name in cls.__slots__))


@torch.no_grad()
def measure(network: Gpen, batch: Pair, device: torch.device) -> Forms:
    """The forms of a batch of pictures, for a network after ``start_with_filters``."""
    source, truth = (to_unit(batch[name], device) for name in ("source", "truth"))
    side = truth.shape[-1]
    seen, outputs, colours = bank_features(network, source)
    inner = slice(_BORDER, side - _BORDER)
    # A third of the pixels tells as much, in a third of the time.
    pixels = (side - 2 * _BORDER) ** 2
    generator = torch.Generator().manual_seed(3)
    drawn = torch.randperm(pixels, generator=generator)[: pixels // 3].to(device)

    def pick(picture: Tensor) -> Tensor:
        return picture[..., inner, inner].flatten(2)[..., drawn]

    bank = []
    for octave, output in enumerate(outputs):
        grown = output
        for _ in range(octave):
            grown = double(grown)
        bank.append(pick(grown))
    features, shown = torch.cat(bank, 1), torch.cat(colours, 1)
    share = pick(feature_weights(batch["landmarks"].to(device), side, side))
    share = share / share.sum(2, keepdim=True)
    weighted = features * share
    goal, fine = pick(truth - source), pick(truth - _smooth(truth))

    def project(wanted: Tensor) -> Tensor:
        return torch.einsum("nkc,ck->nk", weighted @ wanted.transpose(1, 2), shown)

    def product(one: Tensor, other: Tensor) -> Tensor:
        return ((one * other).sum(1, keepdim=True) * share).sum((1, 2))

    matrix = (weighted @ features.transpose(1, 2)) * (shown.T @ shown)
    fine_error = torch.stack((2 * product(goal, fine), product(fine, fine)), 1)
    terms = (seen, matrix, project(goal), product(goal, goal), project(fine), fine_error)
    return Forms(*(term.cpu() for term in terms))


def _smooth(x: Tensor) -> Tensor:
    return F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), 3, stride=1)


def collect(network: Gpen, pairs: Dataset[Pair], device: torch.device, workers: int) -> Forms:
    """The forms of all pictures."""
    loader = DataLoader(pairs, batch_size=4, num_workers=workers)
    return Forms.joined([measure(network, batch, device) for batch in loader])
