"""How strong the detail is that a result lacks.

What a model trained by least squares cannot know it leaves smooth. A small network looks at how
strong each octave of a crop and of its result is, and tells for cells of 16 px how strong the two
finest octaves of the truth would be beyond the result's: learned by maximum likelihood, the missing
detail taken as Gaussian noise (Kendall and Gal, "What Uncertainties Do We Need in Bayesian Deep
Learning for Computer Vision?", NIPS 2017, arXiv 1703.04977).

Convention: crops of a model of side S are looked at with 2 S px, whose octaves are numbered from
the finest: octave 0 is only in crops of 2 S px, octave 1 is the finest of those of S px. Luma is in
levels of 0..255.
"""

from __future__ import annotations

from typing import ClassVar, Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn

from vidrestore.restore.beside import Beside
from vidrestore.restore.detail.octaves import FEATURES

DRAWN: Final = 2
"""Octaves whose missing strength is told."""
_WIDTH = 40
_SLOPE = 0.2


class DetailNetwork(Beside):
    """Tells how strong the detail is that results lack."""

    prefix: ClassVar[str] = "detail."
    divisor: ClassVar[int] = 8  # so that cells divide crops of 2 S px

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Conv2d(FEATURES + 2, _WIDTH, 1)
        self.near = nn.Conv2d(_WIDTH, _WIDTH, 3, 1, 1)
        self.wide = nn.Conv2d(_WIDTH, _WIDTH, 3, 1, 2, dilation=2)
        self.wider = nn.Conv2d(_WIDTH, _WIDTH, 3, 1, 4, dilation=4)
        self.tell = nn.Conv2d(_WIDTH, DRAWN, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Logarithms of the mean squares that the two finest octaves lack, of levels squared.

        Args:
            features: (N, 21, n, n), see ``features_of``.

        Returns:
            (N, 2, n, n).
        """
        side = features.shape[-1]
        along = torch.linspace(-1, 1, side).expand(len(features), 1, side, side)
        x = torch.cat((features, along, along.transpose(2, 3)), 1)
        x = F.leaky_relu(self.see(x), _SLOPE)
        for layer in (self.near, self.wide, self.wider):
            x = x + F.leaky_relu(layer(x), _SLOPE)
        told: Tensor = self.tell(x)
        return told
