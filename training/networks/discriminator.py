"""Tells restored faces from true ones by their fine detail, place by place.

It sees what a coarse picture lacks, of the picture and of the worn one it was made from: what is
likely there, given what was seen, is the question, and brightness and colour are none of its
business. Judging places instead of whole pictures is PatchGAN's (Isola et al., "Image-to-Image
Translation with Conditional Adversarial Networks", CVPR 2017, arXiv 1611.07004); a few hundred
faces show it millions of places. Its layers are kept from exaggerating by spectral normalisation
(Miyato et al., ICLR 2018, arXiv 1802.05957): what it asks for else turns faster than is followed.
"""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from vidrestore.restore.gpen.confidence import luma
from vidrestore.restore.gpen.network import SLOPE

PLACE = 4
"""Px of the picture to one score."""
_COARSE = 4
"""Px that are averaged for what is no detail."""
_STRENGTH = 6.0
"""Brings fine luma, some tenths at most, to about one."""
_FOLDED = 2
"""Px a side that are folded into channels: four times cheaper, and checkerboards stay visible."""


def fine_luma(picture: Tensor) -> Tensor:
    """(N, 3, S, S) RGB to the (N, 1, S, S) luma less what means over 4x4 px tell of it."""
    whole = luma(picture)
    coarse = F.avg_pool2d(whole, _COARSE)
    return whole - F.interpolate(coarse, scale_factor=_COARSE, mode="bilinear", align_corners=False)


class Discriminator(nn.Module):
    """Scores places of 28 px across, one every 4 px: the higher, the truer they look.

    Args:
        width: channels of the first convolution; those after it have twice as many.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        seen = 2 * _FOLDED**2
        layers = (
            nn.Conv2d(seen, width, 3, padding=1),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.Conv2d(2 * width, 2 * width, 3, padding=1),
        )
        self.layers = nn.ModuleList(spectral_norm(layer) for layer in layers)
        # Scores are compared with each other alone: a bias would say nothing.
        self.score = nn.Conv2d(2 * width, 1, 3, padding=1, bias=False)

    def forward(self, picture: Tensor, worn: Tensor) -> Tensor:
        """The (N, S / 4, S / 4) scores, unbounded, in float32.

        Args:
            picture: (N, 3, S, S) float32 RGB in about [-1, 1], restored or true.
            worn: the same shape, what was to be restored.
        """
        fine = torch.cat((fine_luma(picture), fine_luma(worn)), 1) * _STRENGTH
        x = F.pixel_unshuffle(fine, _FOLDED).contiguous(memory_format=torch.channels_last)
        for layer in self.layers:
            x = F.leaky_relu(layer(x), SLOPE)
        return cast("Tensor", self.score(x)).squeeze(1).float()
