"""How much of a result's finest detail to take, and how strong the detail is that it lacks.

A model of side S leaves the octave above it as the source has it: weakened by blur, or drowned in
noise. And what a model trained by least squares cannot know it leaves smooth. A small network looks
at how strong each octave of a crop and of its result is, and tells for cells of 16 px

- the gain of the finest octave that brings it nearest to the truth, as a Wiener filter would have
  it (learned by least squares), and
- how strong the two finest octaves of the truth would be beyond the result's: learned by maximum
  likelihood, the missing detail taken as Gaussian noise (Kendall and Gal, "What Uncertainties Do We
  Need in Bayesian Deep Learning for Computer Vision?", NIPS 2017, arXiv 1703.04977).

Convention: crops of a model of side S are looked at with 2 S px, whose octaves are numbered from
the finest: octave 0 is only in crops of 2 S px, octave 1 is the finest of those of S px. Luma is in
levels of 0..255.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn

from vidrestore.errors import ModelError
from vidrestore.restore.detail.octaves import FEATURES

PREFIX: Final = "detail."
"""Of the names under which a weight file holds it beside its network."""
DRAWN: Final = 2
"""Octaves whose missing strength is told."""
_WIDTH = 40
_SLOPE = 0.2
_MOST = 2.0
"""Gain at most; at least it is -1, which takes the octave away."""


class Told(NamedTuple):
    """What the network tells.

    Attributes:
        gain: (N, 1, n, n), -1 to 2: how much of its own finest octave to add to a result.
        log_missing: (N, 2, n, n), logarithms of the mean squares that the two finest octaves lack,
            of levels squared.
    """

    gain: Tensor
    log_missing: Tensor


class DetailNetwork(nn.Module):
    """Tells of the finest detail."""

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Conv2d(FEATURES + 2, _WIDTH, 1)
        self.near = nn.Conv2d(_WIDTH, _WIDTH, 3, 1, 1)
        self.wide = nn.Conv2d(_WIDTH, _WIDTH, 3, 1, 2, dilation=2)
        self.wider = nn.Conv2d(_WIDTH, _WIDTH, 3, 1, 4, dilation=4)
        self.tell = nn.Conv2d(_WIDTH, 1 + DRAWN, 1)

    def forward(self, features: Tensor) -> Told:
        """Look at (N, 21, n, n) features, see ``features_of``."""
        side = features.shape[-1]
        along = torch.linspace(-1, 1, side).expand(len(features), 1, side, side)
        x = torch.cat((features, along, along.transpose(2, 3)), 1)
        x = F.leaky_relu(self.see(x), _SLOPE)
        for layer in (self.near, self.wide, self.wider):
            x = x + F.leaky_relu(layer(x), _SLOPE)
        heads = self.tell(x)
        return Told(heads[:, :1].clamp(-1.0, _MOST), heads[:, 1:])


def network_of(state: Mapping[str, Tensor]) -> DetailNetwork | None:
    """What a weight file's tensors under ``PREFIX`` make; None if there are none.

    Args:
        state: those tensors, prefix taken off.

    Raises:
        ModelError: they are not a whole one.
    """
    if not state:
        return None
    network = DetailNetwork()
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    found = {name: tuple(value.shape) for name, value in state.items()}
    if found != wanted:
        odd = min(set(found.items()) ^ set(wanted.items()))
        raise ModelError(f"its detail is not whole: {PREFIX}{odd[0]} is missing or odd")
    network.load_state_dict({name: value.float() for name, value in state.items()})
    return network.eval().requires_grad_(False)
