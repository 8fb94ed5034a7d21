"""How strong the fine detail is that a restored crop lacks, place by place.

What a restorer trained by least squares cannot know it leaves smooth. A small network looks at how
strong each octave of the crop and of its result is and tells, for cells of 16 px, how strong the
two finest octaves of the truth would be beyond that: learned by maximum likelihood, the missing
detail taken as Gaussian noise (Kendall and Gal, "What Uncertainties Do We Need in Bayesian Deep
Learning for Computer Vision?", NIPS 2017, arXiv 1703.04977).

Convention: crops of a model of side S are looked at with 2 S px, whose octaves are numbered from
the finest: octave 0 is only in crops of 2 S px, octave 1 is the finest of those of S px. Luma is in
levels of 0..255.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn

from vidrestore.errors import ModelError
from vidrestore.picture.luma import BT601

PREFIX: Final = "texture."
"""Of the names under which a weight file holds it beside its network."""
CELL: Final = 16
"""Side of a cell, px of 2 S."""
DRAWN: Final = 2
"""Octaves whose strength is told."""
_SEEN = 4  # octaves that are looked at
_WIDTH = 48
_SLOPE = 0.2
_ROUNDING = 1 / 12  # mean square of what rounding to whole levels adds
# Of each octave: rms and mean of crop and result, and the rms of what was changed; and brightness.
_FEATURES = 5 * _SEEN + 1


class Strength(nn.Module):
    """Tells the strength of the detail that is missing."""

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Conv2d(_FEATURES + 2, _WIDTH, 1)
        self.near = nn.Conv2d(_WIDTH, _WIDTH, 3, 1, 1)
        self.wide = nn.Conv2d(_WIDTH, _WIDTH, 3, 1, 2, dilation=2)
        self.wider = nn.Conv2d(_WIDTH, _WIDTH, 3, 1, 4, dilation=4)
        self.tell = nn.Conv2d(_WIDTH, DRAWN, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Logarithm of the mean square that each octave lacks.

        Args:
            features: (N, 21, n, n), see ``features_of``.

        Returns:
            (N, 2, n, n), of levels squared.
        """
        side = features.shape[-1]
        along = torch.linspace(-1, 1, side).expand(len(features), 1, side, side)
        x = torch.cat((features, along, along.transpose(2, 3)), 1)
        x = F.leaky_relu(self.see(x), _SLOPE)
        for layer in (self.near, self.wide, self.wider):
            x = x + F.leaky_relu(layer(x), _SLOPE)
        told: Tensor = self.tell(x)
        return told


def luma_of(pictures: Tensor) -> Tensor:
    """(N, H, W, 3) RGB levels of 0..255 to (N, 1, H, W)."""
    return (pictures.float() @ torch.tensor(BT601))[:, None]


def octaves(luma: Tensor, count: int) -> list[Tensor]:
    """The finest octaves of (N, 1, W, W), each at half the size of the one before.

    An octave is what halving by means takes away.
    """
    found = []
    for _ in range(count):
        half = F.avg_pool2d(luma, 2)
        grown = F.interpolate(half, scale_factor=2.0, mode="bilinear", align_corners=False)
        found.append(luma - grown)
        luma = half
    return found


def features_of(base: Tensor, result: Tensor) -> Tensor:
    """What the network looks at.

    Args:
        base: (N, 1, W, W) luma of the crops that were restored, W = 2 S, which 16 divides.
        result: of what became of them.

    Returns:
        (N, 21, W / 16, W / 16): logarithms of strengths in cells of 16 px, and brightness.
    """
    rows = [F.avg_pool2d(result, CELL) / 128 - 1]
    bands = zip(octaves(base, _SEEN), octaves(result, _SEEN), strict=True)
    for number, (before, after) in enumerate(bands):
        cell = CELL >> number
        rows += [_mean_square(band, cell) for band in (before, after, after - before)]
        rows += [2 * (F.avg_pool2d(band.abs(), cell) + 0.1).log() for band in (before, after)]
    return torch.cat(rows, 1)


def _mean_square(band: Tensor, cell: int) -> Tensor:
    return (F.avg_pool2d(band.square(), cell) + _ROUNDING).log()


def strength_of(state: Mapping[str, Tensor]) -> Strength | None:
    """What a weight file's tensors under ``PREFIX`` make; None if there are none.

    Args:
        state: those tensors, prefix taken off.

    Raises:
        ModelError: they are not a whole one.
    """
    if not state:
        return None
    network = Strength()
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    found = {name: tuple(value.shape) for name, value in state.items()}
    if found != wanted:
        odd = min(set(found.items()) ^ set(wanted.items()))
        raise ModelError(f"its texture is not whole: {PREFIX}{odd[0]} is missing or odd")
    network.load_state_dict({name: value.float() for name, value in state.items()})
    return network.eval().requires_grad_(False)
